#include "model/training/trainer.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <cmath>
#include <limits>

#include "engine/base/parallel.h"
#include "engine/io/safetensors_writer.h"
#include "tests/model/training/tiny_run.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

/// Resumes the run in `folder`, or begins it when there is none.
Trainer begin_or_resume(const TinySet& set, const RunFolder& folder, const RunConfig& config,
                        const TrainingData& data) {
  if (std::filesystem::exists(folder.config_file())) return Trainer::resume(RunLock(folder), config, data);
  return Trainer::begin(folder, config, data, set.split(), set.vocab());
}

TrainEnd train(const TinySet& set, const RunFolder& folder, const RunConfig& config,
               const TrainHooks& hooks = {}) {
  const TrainingData data = set.data(config.train.recipe);
  return begin_or_resume(set, folder, config, data).run(hooks);
}

void check_same_run(const RunFolder& a, const RunFolder& b) {
  CHECK(read_bytes(a.model_file()) == read_bytes(b.model_file()));
  CHECK(read_bytes(a.checkpoint_file()) == read_bytes(b.checkpoint_file()));
  CHECK(read_bytes(a.config_file()) == read_bytes(b.config_file()));
  CHECK(without_times(read_bytes(a.metrics_file())) == without_times(read_bytes(b.metrics_file())));
}

/// Gives a safetensors file's metadata another value, and leaves its tensors.
void edit_metadata(const std::filesystem::path& path, const std::string& field, const std::string& value) {
  const SafetensorsFile file(path);
  Metadata metadata = file.metadata();
  metadata[field] = value;
  SafetensorsWriter writer(path, file.tensors(), metadata);
  for (const TensorInfo& t : file.tensors()) writer.append(file.bytes(t));
  writer.commit();
}

RunConfig with_everything(RunConfig config) {
  config.train.dropout = 0.2;
  config.train.clip_norm = 1;
  config.train.lr_schedule = LrSchedule::plateau;
  config.train.label_smoothing = 0.1;
  return config;
}

}  // namespace

TEST_CASE("training learns, and its log says so") {
  const TinySet set;
  RunConfig config = set.config(Recipe::full);
  config.train.epochs = 20;
  std::vector<EpochReport> epochs;
  TrainHooks hooks;
  hooks.epoch = [&](const EpochReport& r) { epochs.push_back(r); };
  const RunFolder folder(set.folder() / "run");
  CHECK(train(set, folder, config, hooks) == TrainEnd::finished);
  REQUIRE(epochs.size() == 20);
  CHECK(epochs.front().train_loss == doctest::Approx(std::log(17.0)).epsilon(0.15));
  CHECK(epochs.back().train_loss < 0.8 * epochs.front().train_loss);
  const std::string log = read_bytes(folder.metrics_file());
  const std::int64_t steps = (16 * 3 + 6) / 7;
  CHECK(std::count(log.begin(), log.end(), '\n') == 20 * (steps + 1));
}

// Adam's step is about lr whatever the gradient's size, unless that is far below epsilon = 1e-8: then
// nothing moves.
TEST_CASE("gradients are clipped before Adam sees them") {
  const TinySet set;
  const auto val_loss = [&](const char* name, double lr, double clip_norm) {
    RunConfig config = set.config(Recipe::full);
    config.train.epochs = 1;
    config.train.lr = lr;
    config.train.clip_norm = clip_norm;
    double loss = 0;
    TrainHooks hooks;
    hooks.epoch = [&](const EpochReport& r) { loss = r.val_loss; };
    train(set, RunFolder(set.folder() / name), config, hooks);
    return loss;
  };
  const double still = val_loss("still", 1e-9, 0);
  CHECK(val_loss("clipped", 0.03, 1e-12) == doctest::Approx(still).epsilon(1e-5));
  CHECK(val_loss("free", 0.03, 0) < still - 0.01);
}

TEST_CASE("a run stopped after any step and resumed has the bytes of one never stopped") {
  const TinySet set;
  for (const Recipe recipe : {Recipe::full, Recipe::notebook}) {
    const RunConfig config = with_everything(set.config(recipe));
    const RunFolder whole(set.folder() / ("whole-" + std::string(kRecipeNames[static_cast<int>(recipe)])));
    train(set, whole, config);
    for (int period : {1, 3, 5}) {
      CAPTURE(period);
      const RunFolder folder(set.folder() /
                             ("stopped-" + std::to_string(period) + kRecipeNames[static_cast<int>(recipe)]));
      TrainEnd end = TrainEnd::stopped;
      for (int calls = 0; end == TrainEnd::stopped && calls < 200; ++calls) {
        int steps = 0;
        TrainHooks hooks;
        hooks.stop = [&] { return ++steps == period; };
        end = train(set, folder, config, hooks);
      }
      CHECK(end == TrainEnd::finished);
      check_same_run(whole, folder);
    }
  }
}

TEST_CASE("the rate follows its schedule from epoch to epoch, also when every step is a run of its own") {
  const TinySet set;
  for (const LrSchedule schedule : {LrSchedule::cosine, LrSchedule::plateau}) {
    RunConfig config = set.config(Recipe::full);
    config.train.epochs = 16;
    config.train.lr = 0.03;
    config.train.lr_schedule = schedule;
    const RunFolder folder(set.folder() / kLrScheduleNames[static_cast<int>(schedule)]);
    // After two epochs without a better validation loss the rate is halved.
    const PlateauSchedule plateau{.factor = 0.5, .patience = 1};
    PlateauState state;
    double expected = 0.03;
    std::int64_t epochs = 0;
    for (TrainEnd end = TrainEnd::stopped; end == TrainEnd::stopped;) {
      const TrainingData data = set.data(Recipe::full);
      Trainer trainer = begin_or_resume(set, folder, config, data);
      TrainHooks hooks;
      hooks.stop = [] { return true; };
      hooks.epoch = [&](const EpochReport& r) {
        ++epochs;
        expected = schedule == LrSchedule::plateau
                       ? plateau.next(state, expected, r.val_loss)
                       : 0.03 * (1 + std::cos(M_PI * static_cast<double>(r.epoch) / 16)) / 2;
        CHECK(trainer.position().lr == doctest::Approx(expected));
      };
      end = trainer.run(hooks);
    }
    CHECK(epochs == 16);
    CHECK(expected < 0.01);  // it did fall: more than once
  }
}

TEST_CASE("the best weights are kept, and patience counts the epochs since, also those of earlier runs") {
  const TinySet set;
  RunConfig config = set.config(Recipe::full);
  config.train.epochs = 60;
  config.train.lr = 0.03;
  config.train.patience = 3;
  for (const bool in_one_run : {true, false}) {
    const RunFolder folder(set.folder() / (in_one_run ? "one" : "many"));
    double best = std::numeric_limits<double>::infinity();
    std::int64_t best_epoch = 0, last_epoch = 0;
    std::string best_model;
    TrainHooks hooks;
    if (!in_one_run) hooks.stop = [] { return true; };
    hooks.epoch = [&](const EpochReport& r) {
      CHECK(r.kept == (r.val_loss < best));
      last_epoch = r.epoch;
      if (r.val_loss >= best) return;
      best = r.val_loss;
      best_epoch = r.epoch;
      best_model = read_bytes(folder.model_file());
    };
    TrainEnd end = TrainEnd::stopped;
    while (end == TrainEnd::stopped) end = train(set, folder, config, hooks);
    CHECK(end == TrainEnd::out_of_patience);
    CHECK(last_epoch == best_epoch + 3);
    CHECK((read_bytes(folder.model_file()) == best_model));
  }
}

TEST_CASE("a run killed at random moments and resumed has the bytes of one never stopped") {
  const TinySet set;
  RunConfig config = with_everything(set.config(Recipe::full));
  config.train.epochs = 40;
  const RunFolder whole(set.folder() / "whole"), killed(set.folder() / "killed");
  set_threads(1);  // a forked child must not wait for threads that it does not have
  train(set, whole, config);
  TorchGenerator random(11);
  int kills = 0;
  for (int tries = 0; tries < 400; ++tries) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      TrainHooks hooks;
      hooks.checkpoint_seconds = 0.001;
      train(set, killed, config, hooks);
      ::_exit(0);
    }
    ::usleep(1000 + random.random() % 30000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) break;
    ++kills;
  }
  MESSAGE("killed " << kills << " times");
  CHECK(kills > 0);
  train(set, killed, config);
  check_same_run(whole, killed);
}

TEST_CASE("a run has the same bytes for any number of threads") {
  const TinySet set;
  const RunConfig config = with_everything(set.config(Recipe::full));
  set_threads(1);
  const RunFolder one(set.folder() / "one");
  train(set, one, config);
  for (int t : {2, 5}) {
    set_threads(t);
    const RunFolder many(set.folder() / ("threads-" + std::to_string(t)));
    train(set, many, config);
    check_same_run(one, many);
  }
  set_threads(2);
}

TEST_CASE("a loss that is no number stops the run, names the step, and leaves no model") {
  const TinySet set;
  const RunConfig config = set.config(Recipe::full);
  const RunFolder folder(set.folder() / "run");
  const TrainingData data = set.data(Recipe::full);
  try {
    Trainer trainer = begin_or_resume(set, folder, config, data);
    trainer.learner().parameters().values()[0] = std::numeric_limits<float>::quiet_NaN();
    trainer.run({});
    CHECK_MESSAGE(false, "a NaN went unnoticed");
  } catch (const Error& e) {
    const std::string what = e.what();
    CHECK(what.find("training stopped (epoch 1, step 1): the loss is not a finite number") == 0);
    CHECK(what.find("--lr") != std::string::npos);
  }
  CHECK(!std::filesystem::exists(folder.model_file()));
  Trainer again = begin_or_resume(set, folder, config, data);  // from the weights it began with
  CHECK(std::isfinite(again.learner().parameters().values()[0]));
}

TEST_CASE("a weight that is not finite stops the run before it is saved, though the loss is a number") {
  const TinySet set;
  const RunConfig config = set.config(Recipe::full);
  const RunFolder folder(set.folder() / "run");
  const TrainingData data = set.data(Recipe::full);
  constexpr std::int64_t kUnused = 4;  // [MASK], which no caption has
  const auto run_spoilt = [&](const TrainHooks& hooks) {
    Trainer trainer = begin_or_resume(set, folder, config, data);
    *trainer.learner().parameters().find("embedding.weight")->value.row(kUnused) =
        std::numeric_limits<float>::infinity();
    trainer.run(hooks);
  };
  TrainHooks hooks;
  hooks.stop = [] { return true; };
  CHECK_THROWS_WITH_AS(
      run_spoilt(hooks),
      doctest::Contains(
          "training stopped (epoch 1, step 2): a weight is no longer finite. The last good state"),
      Error);
  // Resumed from the weights it began with: at the end of an epoch it is not kept as the best model either.
  CHECK_THROWS_WITH_AS(run_spoilt({}), doctest::Contains("a weight is no longer finite"), Error);
  CHECK(!std::filesystem::exists(folder.model_file()));
}

TEST_CASE("a damaged or foreign checkpoint is refused, by name") {
  const TinySet set;
  const RunConfig config = set.config(Recipe::full);
  const RunFolder folder(set.folder() / "run");
  train(set, folder, config);
  const std::string good = read_bytes(folder.checkpoint_file());
  for (std::size_t at = 0; at < good.size(); at += good.size() / 97) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    write_file(folder.checkpoint_file(), bad);
    CAPTURE(at);
    try {
      train(set, folder, config);
      CHECK_MESSAGE(false, "a flipped bit went unnoticed");
    } catch (const Error& e) {
      CHECK(std::string(e.what()).find("checkpoint.safetensors") != std::string::npos);
    }
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{7}, good.size() / 2, good.size() - 1}) {
    write_file(folder.checkpoint_file(), good.substr(0, size));
    CHECK_THROWS_AS(train(set, folder, config), Error);
  }
  CHECK_THROWS_AS(folder.create(set.split(), set.vocab()), Error);
}

TEST_CASE("a checkpoint at a place where no run can be is refused, and the log stays") {
  const TinySet set;
  const RunConfig config = set.config(Recipe::full);
  const RunFolder folder(set.folder() / "run");
  TrainHooks hooks;
  int steps = 0;
  hooks.stop = [&] { return ++steps == 10; };
  train(set, folder, config, hooks);  // to step 2 of 7 in epoch 2
  const std::string good = read_bytes(folder.checkpoint_file()), log = read_bytes(folder.metrics_file());
  const std::pair<std::string, std::string> edits[] = {
      {"epoch", "0"},          {"epoch", "-1"},        {"step", "-1"},       {"step", "8"},
      {"metrics_lines", "-1"}, {"metrics_lines", "0"}, {"adam_steps", "-1"}, {"adam_steps", "12"}};
  for (const auto& edit : edits) {
    const auto& [field, value] = edit;
    INFO("edited: ", edit.first, " = ", edit.second);
    write_file(folder.checkpoint_file(), good);
    edit_metadata(folder.checkpoint_file(), field, value);
    const TrainingData data = set.data(Recipe::full);
    CHECK_THROWS_WITH_AS(Trainer::resume(RunLock(folder), config, data),
                         doctest::Contains("checkpoint.safetensors): no run can be at"), Error);
    CHECK(read_bytes(folder.metrics_file()) == log);
    write_file(folder.metrics_file(), log);
  }
  write_file(folder.checkpoint_file(), good);
  edit_metadata(folder.checkpoint_file(), "step", "7");  // the end of the epoch: where a run may be stopped
  CHECK(train(set, folder, config) == TrainEnd::finished);
}

TEST_CASE("a trainer holds its folder's lock, and gives it back") {
  const TinySet set;
  const RunConfig config = set.config(Recipe::full);
  const RunFolder folder(set.folder() / "run");
  const TrainingData data = set.data(Recipe::full);
  for (int times = 0; times < 2; ++times) {  // begun, then resumed
    const Trainer trainer = begin_or_resume(set, folder, config, data);
    CHECK_THROWS_WITH_AS(RunLock{folder}, doctest::Contains("another process is writing it"), Error);
  }
  CHECK_NOTHROW(RunLock{folder});
}

TEST_CASE("weights that cannot be loaded leave no folder") {
  const TinySet set;
  const RunFolder folder(set.folder() / "run");
  const TrainingData data = set.data(Recipe::full);
  const auto load = [](const std::string& name, View) { throw Error("cannot load", name, "a test"); };
  CHECK_THROWS_AS(Trainer::begin(folder, set.config(Recipe::full), data, set.split(), set.vocab(), load),
                  Error);
  CHECK(!std::filesystem::exists(folder.path()));
}

TEST_CASE("a run whose checkpoint or best weights are gone is not resumed from the beginning") {
  const TinySet set;
  const RunConfig config = set.config(Recipe::full);
  const RunFolder folder(set.folder() / "run");
  train(set, folder, config);
  for (const auto& lost : {folder.model_file(), folder.checkpoint_file()}) {
    const std::string bytes = read_bytes(lost);
    std::filesystem::remove(lost);
    CHECK_THROWS_WITH_AS(train(set, folder, config),
                         doctest::Contains((lost.filename().string() + " is missing").c_str()), Error);
    write_file(lost, bytes);
  }
}
