#include <algorithm>
#include <cmath>
#include <cstdio>

#include "apps/cli/interrupts.h"
#include "apps/cli/output_path.h"
#include "apps/cli/progress.h"
#include "apps/commands/captions_report.h"
#include "apps/commands/commands.h"
#include "apps/commands/train_options.h"
#include "data/caption_rows.h"
#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "engine/io/fingerprint.h"
#include "model/run/loaded_run.h"
#include "model/training/trainer.h"
#include "weights-convert/weights.h"

namespace plainsight {
namespace {

void report_start(const RunConfig& config, const Trainer& trainer, const TrainingData& data) {
  std::fprintf(stderr, "plainsight: %lld images, %zu captions, %lld steps an epoch\n",
               static_cast<long long>(data.train_images), data.train.captions.size(),
               static_cast<long long>(trainer.steps_per_epoch()));
  if (config.train.recipe == Recipe::notebook) {
    std::fprintf(stderr,
                 "plainsight: the notebook restarts its generator every epoch: only the first %lld prefixes "
                 "are ever trained on; --recipe full uses every caption\n",
                 static_cast<long long>(trainer.steps_per_epoch()) * config.train.batch_size);
  }
}

/// A model that knows nothing gives each of V tokens the same probability: its loss is ln V. A mean of 1.5 ln
/// V is worse than a slow start. Returns whether it warned.
bool warn_if_diverging(const EpochReport& epoch, const RunConfig& config) {
  const double ignorance = std::log(static_cast<double>(config.shape.vocab));
  if (epoch.train_loss <= 1.5 * ignorance) return false;
  std::fprintf(
      stderr,
      "plainsight: warning: epoch %lld learnt nothing: its mean loss is %.2f, and %.2f that of a model that "
      "knows nothing. Train with a smaller --lr or with --clip-norm 1\n",
      static_cast<long long>(epoch.epoch), epoch.train_loss, ignorance);
  return true;
}

TrainEnd run_trainer(Trainer& trainer, const RunConfig& config, bool quiet) {
  const std::int64_t total = trainer.steps_per_epoch() * config.train.epochs;
  Progress progress("train", "steps", total, quiet);
  TrainHooks hooks;
  bool warned = false;
  hooks.stop = interrupted;
  hooks.step = [&](const StepReport& r) {
    char note[64];
    std::snprintf(note, sizeof note, "epoch %lld  loss %.4f", static_cast<long long>(r.epoch),
                  static_cast<double>(r.loss));
    progress.update((r.epoch - 1) * r.steps + r.step, note);
  };
  hooks.epoch = [&](const EpochReport& r) {
    std::printf("epoch %lld\ttrain_loss %.4f\tval_loss %.4f\t%.1f s\t%.0f targets/s%s\n",
                static_cast<long long>(r.epoch), r.train_loss, r.val_loss, r.seconds, r.targets_per_second,
                r.kept ? "\tkept" : "");
    std::fflush(stdout);
    warned = warned || warn_if_diverging(r, config);
  };
  return trainer.run(hooks);
}

CaptionerShape shape_of(const TrainOptions& options, const FeatureStore& features,
                        const WordPiece& wordpiece) {
  return {features.dim(), options.embed, options.hidden, wordpiece.size()};
}

std::string fingerprint_of(const std::string& file) { return fingerprint(MappedFile(file).bytes()); }

/// Drops images without captions or features from the split and names them. Returns whether there were any.
bool drop_unusable_images(Split& split, const std::vector<ImageCaptions>& captions,
                          const FeatureStore& features, const TrainArguments& o) {
  const auto without_captions = drop_images_without_captions(split, captions, o.captions);
  for (const std::string& id : without_captions)
    std::fprintf(stderr, "plainsight: skipped: image %s is in the split's lists, but has no captions in %s\n",
                 printable(id).c_str(), printable(o.captions).c_str());
  const auto without_features = drop_images_without_features(split, features);
  for (const std::string& id : without_features)
    std::fprintf(stderr, "plainsight: skipped: image %s has captions, but no features in %s\n",
                 printable(id).c_str(), printable(o.features).c_str());
  return !without_captions.empty() || !without_features.empty();
}

/// Throws UsageError when the command names another split than the run's.
void require_same_split(const Split& split, const std::vector<ImageCaptions>& captions,
                        const FeatureStore& features, const TrainArguments& o, const CLI::App& command) {
  const auto given = [&](const char* option) { return command.count(option) > 0; };
  if (!given("--split") && !given("--split-dir") && !given("--karpathy-json")) return;
  Split again = make_split(o.split, captions);
  drop_images_without_captions(again, captions, o.captions);  // as when the run began
  drop_images_without_features(again, features);
  if (again != split) refuse_to_change("--split");
}

/// A run is trained by one engine from its first step to its last. Throws UsageError when --engine
/// names another.
void continue_on_engine_of_run(const RunConfig& run, const TrainArguments& o) {
  if (!o.common.engine.empty() && parse_engine(o.common.engine) != run.engine)
    throw UsageError("cannot resume", "--engine " + o.common.engine,
                     "the run was begun on the " + std::string(name_of(run.engine)) + " engine",
                     "Leave the option out, or train into another folder");
  set_engine(run.engine);
}

void report_nothing_left(const TrainOptions& train) {
  std::fprintf(stderr, "plainsight: nothing is left to do: the run has had its %d epochs%s\n", train.epochs,
               train.lr_schedule == LrSchedule::cosine ? "" : "; a larger --epochs continues it");
}

void report_end(const TrainArguments& o, const RunConfig& config, const RunFolder& folder,
                const Trainer& trainer, TrainEnd end) {
  if (end == TrainEnd::stopped) {
    throw Error("training was interrupted", o.out, "a checkpoint is written",
                "The same command with --resume continues");
  }
  if (end == TrainEnd::out_of_patience)
    std::printf("stopped early: no better validation loss for %d epochs\n", config.train.patience);
  std::printf("%s\tbest epoch %lld\tval_loss %.4f\n", printable(folder.model_file().string()).c_str(),
              static_cast<long long>(trainer.position().best.epoch), trainer.position().best.val_loss);
}

void run(Trainer& trainer, const RunConfig& config, const TrainingData& data, const RunFolder& folder,
         const TrainArguments& o) {
  const bool quiet = o.common.quiet;
  if (!quiet) report_start(config, trainer, data);
  const bool was_finished = trainer.position().epoch > config.train.epochs;
  const TrainEnd end = run_trainer(trainer, config, quiet);
  if (was_finished && end == TrainEnd::finished && !quiet) report_nothing_left(config.train);
  report_end(o, config, folder, trainer, end);
}

int begin(const TrainArguments& o) {
  // Everything that can be refused without reading the inputs.
  check(o.split);
  if (o.vocab.empty()) throw UsageError("cannot train", "--vocab", "it is missing");
  const RunFolder folder(o.out);
  folder.require_unused();
  check_output_folder(folder.path());
  watch_interrupts();  // from here on training stops at its first safe point, with a checkpoint

  RunConfig config;
  config.train = o.train;
  config.engine = engine();
  std::optional<convert::Weights> init;
  if (!o.init.empty()) {
    init = convert::read_weights(o.init);
    config.train.init = fingerprint_of(o.init);
  }
  const WordPiece wordpiece{std::filesystem::path(o.vocab)};
  const FeatureStore features{std::filesystem::path(o.features)};
  const std::vector<ImageCaptions> captions = read_captions(o.captions, caption_format(o.train.recipe));
  report_empty_captions(o.captions, captions);
  Split split = make_split(o.split, captions);
  const bool some_skipped = drop_unusable_images(split, captions, features, o);

  config.split = o.split.kind;
  config.max_length = max_caption_words(captions);
  config.shape = shape_of(config.train, features, wordpiece);
  config.features = feature_kind(features.metadata());
  const TrainingData data =
      encode_training_data(captions, split, config.train.recipe, config.max_length, wordpiece, features);
  config.data = fingerprint(data);
  Trainer::WeightLoader load;
  if (init) load = [&](const std::string& name, View value) { convert::load_f32(*init, name, value); };
  Trainer trainer = Trainer::begin(folder, config, data, split, o.vocab, load);
  run(trainer, config, data, folder, o);
  return some_skipped ? kSomeSkipped : kDone;
}

int resume(const TrainArguments& o, const CLI::App& command) {
  check(o.split);
  const RunFolder folder(o.out);
  folder.read_config();  // there is a run; the lock would make a folder that is not there
  if (!o.vocab.empty() &&
      !std::ranges::equal(MappedFile(o.vocab).bytes(), MappedFile(folder.vocab_file()).bytes()))
    throw UsageError("cannot resume", "--vocab", "it differs from the run's " + folder.vocab_file().string(),
                     "Leave the option out; if that copy is damaged, put the original in its place");
  RunLock lock(folder);  // before the run's files are read: another process might change them
  watch_interrupts();

  TrainOptions given = o.train;
  if (!o.init.empty()) given.init = fingerprint_of(o.init);
  const WordPiece wordpiece(folder.vocab_file());
  const FeatureStore features{std::filesystem::path(o.features)};
  RunConfig config = folder.read_config();
  continue_on_engine_of_run(config, o);
  if (config.shape != shape_of(config.train, features, wordpiece))
    throw Error(
        "cannot resume", folder.path().string(),
        "its config.json, its vocab.txt and the features belong to models of different sizes",
        "Restore its files and give the features that it was begun with, or train into another folder");
  config.train = resumed_options(config.train, given, command);
  const Split split = folder.read_split();
  const std::vector<ImageCaptions> captions = read_captions(o.captions, caption_format(config.train.recipe));
  require_same_split(split, captions, features, o, command);

  const TrainingData data =
      encode_training_data(captions, split, config.train.recipe, config.max_length, wordpiece, features);
  if (fingerprint(data) != config.data)
    throw Error("cannot resume", folder.path().string(),
                "the captions, the features or the run's vocab.txt are not those that it was begun with",
                "Give or restore the same files, or train into another folder");
  Trainer trainer = Trainer::resume(std::move(lock), config, data);
  run(trainer, config, data, folder, o);
  return kDone;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  auto o = std::make_shared<TrainArguments>();
  CLI::App* command = app.add_subcommand("train", "Train a captioner on features and captions");
  add_train_options(*command, *o);
  add_engine_option(*command, o->common);
  add_common(
      *command, o->common,
      "plainsight train --features features.safetensors --captions captions.txt --vocab vocab.txt --out run");
  command->callback([o, command, &action] {
    action = [o, command] {
      apply(o->common);
      return o->resume ? resume(*o, *command) : begin(*o);
    };
  });
}

}  // namespace plainsight
