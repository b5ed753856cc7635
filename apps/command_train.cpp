#include <cstdio>

#include "apps/commands.h"
#include "apps/progress.h"
#include "apps/split_options.h"
#include "data/caption_rows.h"
#include "engine/base/error.h"
#include "engine/io/fingerprint.h"
#include "model/loaded_run.h"
#include "model/training/trainer.h"
#include "weights-convert/weights.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  SplitOptions split;
  TrainOptions train;
  std::string features, captions, vocab, out, init, recipe = "full", lr_schedule = "constant";
  bool resume = false;
};

template <class Enum, std::size_t N>
Enum value_of(const std::string& name, const char* const (&names)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    if (name == names[i]) return static_cast<Enum>(i);
  throw ContractError("value_of: CLI11 let an unknown name pass");
}

std::vector<std::string> names_of(const auto& names) { return {std::begin(names), std::end(names)}; }

/// The options of a resumed run: the run's own. One given again must say the same; only --epochs may change.
TrainOptions resumed_options(const TrainOptions& run, const TrainOptions& given, const CLI::App& command) {
  const auto same = [&](const char* option, bool equal) {
    if (command.count(option) == 0 || equal) return;
    throw UsageError("cannot resume", option, "the run was begun with another value",
                     "Leave the option out, or train into another folder");
  };
  same("--recipe", given.recipe == run.recipe);
  same("--batch-size", given.batch_size == run.batch_size);
  same("--lr", given.lr == run.lr);
  same("--hidden", given.hidden == run.hidden);
  same("--embed", given.embed == run.embed);
  same("--dropout", given.dropout == run.dropout);
  same("--clip-norm", given.clip_norm == run.clip_norm);
  same("--lr-schedule", given.lr_schedule == run.lr_schedule);
  same("--patience", given.patience == run.patience);
  same("--weight-decay", given.weight_decay == run.weight_decay);
  same("--seed", given.seed == run.seed);
  same("--init", given.init == run.init);
  TrainOptions options = run;
  if (command.count("--epochs") > 0) {
    // The cosine schedule is a function of the last epoch: it cannot be moved afterwards.
    same("--epochs", run.lr_schedule != LrSchedule::cosine || given.epochs == run.epochs);
    options.epochs = given.epochs;
  }
  return options;
}

void report_start(const RunConfig& config, const Trainer& trainer, const TrainingData& data) {
  std::fprintf(stderr, "plainsight: %lld images, %zu captions, %lld steps an epoch\n",
               static_cast<long long>(data.train_images), data.train.captions.size(),
               static_cast<long long>(trainer.steps_per_epoch()));
  if (config.train.recipe == Recipe::notebook) {
    std::fprintf(stderr,
                 "plainsight: the notebook restarts its generator every epoch: only the first %lld prefixes "
                 "are ever trained on; --recipe full uses every caption\n",
                 static_cast<long long>(trainer.steps_per_epoch() * config.train.batch_size));
  }
}

TrainEnd run_trainer(Trainer& trainer, const RunConfig& config, bool quiet) {
  watch_interrupts();
  const std::int64_t total = trainer.steps_per_epoch() * config.train.epochs;
  Progress progress("train", "steps", total, quiet);
  TrainHooks hooks;
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
  };
  return trainer.run(hooks);
}

int train(Options& o, const CLI::App& command) {
  apply(o.common);
  o.train.recipe = value_of<Recipe>(o.recipe, kRecipeNames);
  o.train.lr_schedule = value_of<LrSchedule>(o.lr_schedule, kLrScheduleNames);
  o.train.check();
  const RunFolder folder(o.out);
  std::optional<convert::Weights> init;
  if (!o.init.empty()) {
    init = convert::read_weights(o.init);
    o.train.init = fingerprint(MappedFile(o.init).bytes());
  }

  RunConfig config;
  Split split;
  if (o.resume) {
    config = folder.read_config();
    config.train = resumed_options(config.train, o.train, command);
    split = folder.read_split();
  } else {
    config.train = o.train;
    config.split = o.split.kind;
    if (o.vocab.empty()) throw UsageError("cannot train", "--vocab", "it is missing");
  }
  const std::filesystem::path vocab = o.resume ? folder.vocab_file() : std::filesystem::path(o.vocab);
  const WordPiece wordpiece(vocab);
  const FeatureStore features{std::filesystem::path(o.features)};
  const std::vector<ImageCaptions> captions = read_captions(o.captions, caption_format(config.train.recipe));
  if (!o.resume) {
    split = make_split(o.split, captions);
    config.max_length = max_caption_words(captions);
    config.shape = {features.dim(), config.train.embed, config.train.hidden, wordpiece.size()};
    config.features = feature_kind(features.metadata());
  }
  const TrainingData data =
      encode_training_data(captions, split, config.train.recipe, config.max_length, wordpiece, features);
  const std::string data_fingerprint = fingerprint(data);
  if (o.resume && data_fingerprint != config.data) {
    throw Error("cannot resume", folder.path().string(),
                "the captions or features are not those that the run was begun with",
                "Give the same files, or train into another folder");
  }
  config.data = data_fingerprint;

  Trainer trainer(folder, config, data);
  if (!o.resume || !trainer.resume()) {
    if (init)
      trainer.start_from([&](const std::string& name, View value) { convert::load_f32(*init, name, value); });
    else if (!config.train.init.empty())
      throw UsageError("cannot resume", "--init",
                       "the run began with weights from a file and has no checkpoint yet",
                       "Give the same file again");
    else
      trainer.start();
  }
  if (o.resume)
    folder.write_config(config);
  else
    folder.create(config, split, vocab);
  if (!o.common.quiet) report_start(config, trainer, data);
  const TrainEnd end = run_trainer(trainer, config, o.common.quiet);
  if (end == TrainEnd::stopped) {
    throw Error("training was interrupted", o.out, "a checkpoint is written",
                "The same command with --resume continues");
  }
  if (end == TrainEnd::out_of_patience) {
    std::printf("stopped early: no better validation loss for %d epochs\n", config.train.patience);
  }
  std::printf("%s\tbest epoch %lld\tval_loss %.4f\n", folder.model_file().c_str(),
              static_cast<long long>(trainer.position().best_epoch), trainer.position().best_val_loss);
  return kDone;
}

}  // namespace

void add_train(CLI::App& app, Run& run) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("train", "Train a captioner on features and captions");
  TrainOptions& t = o->train;
  command->add_option("--features", o->features, "Feature store, as extract writes it")->required();
  command->add_option("--captions", o->captions, "Captions file: image,caption with a header")->required();
  command->add_option("--vocab", o->vocab, "BERT's vocab.txt (not needed with --resume)");
  command->add_option("--out", o->out, "Run folder to make")->required();
  command
      ->add_option("--recipe", o->recipe, "full: every caption, every word; notebook: as the notebook does")
      ->check(CLI::IsMember(names_of(kRecipeNames)))
      ->capture_default_str();
  add_split_options(*command, o->split);
  command->add_option("--epochs", t.epochs, "Passes over the training captions")->capture_default_str();
  command->add_option("--batch-size", t.batch_size, "Captions (notebook: prefixes) a step")
      ->capture_default_str();
  command->add_option("--lr", t.lr, "Adam's learning rate")->capture_default_str();
  command->add_option("--hidden", t.hidden, "LSTM units")->capture_default_str();
  command->add_option("--embed", t.embed, "Numbers a token's embedding has")->capture_default_str();
  command->add_option("--dropout", t.dropout, "On embeddings and LSTM outputs; 0: none")
      ->capture_default_str();
  command->add_option("--clip-norm", t.clip_norm, "Largest gradient norm; 0: no limit")
      ->capture_default_str();
  command->add_option("--lr-schedule", o->lr_schedule, "constant, cosine to 0, or halved on a plateau")
      ->check(CLI::IsMember(names_of(kLrScheduleNames)))
      ->capture_default_str();
  command
      ->add_option("--patience", t.patience,
                   "Stop after so many epochs without a better validation loss; 0: never")
      ->capture_default_str();
  command->add_option("--weight-decay", t.weight_decay, "Adam's L2 term")->capture_default_str();
  command->add_option("--seed", t.seed, "Of the initial weights, the order and the dropout")
      ->capture_default_str();
  command->add_option("--init", o->init,
                      "Start from these weights (.safetensors or .pth, the notebook's names)");
  command->add_flag("--resume", o->resume, "Continue the run in --out where it stopped");
  add_common(
      *command, o->common,
      "plainsight train --features features.safetensors --captions captions.txt --vocab vocab.txt --out run");
  command->callback([o, command, &run] { run = [o, command] { return train(*o, *command); }; });
}

}  // namespace plainsight
