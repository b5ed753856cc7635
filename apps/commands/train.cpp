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

/// A model that knows nothing gives every token the same probability: its loss is the logarithm of how many
/// there are. Half as much again is no slow beginning. Returns whether there was something to say.
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

/// What a run is made of, new or resumed.
struct Parts {
  RunConfig config;
  Split split;
  std::vector<ImageCaptions> captions;
  bool some_skipped = false;  ///< images that lack captions or features, and were named
};

CaptionerShape shape_of(const TrainOptions& options, const FeatureStore& features,
                        const WordPiece& wordpiece) {
  return {features.dim(), options.embed, options.hidden, wordpiece.size()};
}

Parts new_parts(const TrainChoice& o, const TrainOptions& options, const FeatureStore& features,
                const WordPiece& wordpiece) {
  Parts parts;
  parts.captions = read_captions(o.captions, caption_format(options.recipe));
  report_empty_captions(o.captions, parts.captions);
  parts.split = make_split(o.split, parts.captions);
  for (const std::string& id : drop_images_without_captions(parts.split, parts.captions, o.captions)) {
    std::fprintf(stderr, "plainsight: skipped: image %s is in the split's lists, but has no captions in %s\n",
                 printable(id).c_str(), printable(o.captions).c_str());
    parts.some_skipped = true;
  }
  for (const std::string& id : drop_images_without_features(parts.split, features)) {
    std::fprintf(stderr, "plainsight: skipped: image %s has captions, but no features in %s\n",
                 printable(id).c_str(), printable(o.features).c_str());
    parts.some_skipped = true;
  }
  parts.config.train = options;
  parts.config.split = o.split.kind;
  parts.config.max_length = max_caption_words(parts.captions);
  parts.config.shape = shape_of(options, features, wordpiece);
  parts.config.features = feature_kind(features.metadata());
  return parts;
}

Parts resumed_parts(const TrainChoice& o, const TrainOptions& options, const FeatureStore& features,
                    const WordPiece& wordpiece, const RunFolder& folder, const CLI::App& command) {
  Parts parts;
  parts.config = folder.read_config();
  if (parts.config.shape != shape_of(parts.config.train, features, wordpiece))
    throw Error(
        "cannot resume", folder.path().string(),
        "its config.json, its vocab.txt and the features speak of models of different sizes",
        "Restore its files and give the features that it was begun with, or train into another folder");
  parts.config.train = resumed_options(parts.config.train, options, command);
  parts.split = folder.read_split();
  parts.captions = read_captions(o.captions, caption_format(parts.config.train.recipe));
  const auto given = [&](const char* option) { return command.count(option) > 0; };
  if (given("--split") || given("--split-dir") || given("--karpathy-json")) {
    Split again = make_split(o.split, parts.captions);
    drop_images_without_captions(again, parts.captions, o.captions);  // as the run did when it began
    drop_images_without_features(again, features);
    if (again != parts.split) refuse_to_change("--split");
  }
  return parts;
}

/// Throws before any file is read when the command cannot end well.
void check(const TrainChoice& o, const RunFolder& folder) {
  check(o.split);
  if (o.resume) {
    folder.read_config();
    if (!o.vocab.empty() &&
        !std::ranges::equal(MappedFile(o.vocab).bytes(), MappedFile(folder.vocab_file()).bytes()))
      throw UsageError("cannot resume", "--vocab",
                       "it differs from the run's " + folder.vocab_file().string(),
                       "Leave the option out; if that copy is damaged, put the original in its place");
    return;
  }
  if (o.vocab.empty()) throw UsageError("cannot train", "--vocab", "it is missing");
  folder.require_unused();
  check_output_folder(folder.path());
}

void report_nothing_left(const TrainOptions& train) {
  std::fprintf(stderr, "plainsight: nothing is left to do: the run has had its %d epochs%s\n", train.epochs,
               train.lr_schedule == LrSchedule::cosine ? "" : "; a larger --epochs continues it");
}

void report_end(const TrainChoice& o, const RunConfig& config, const RunFolder& folder,
                const Trainer& trainer, TrainEnd end) {
  if (end == TrainEnd::stopped) {
    throw Error("training was interrupted", o.out, "a checkpoint is written",
                "The same command with --resume continues");
  }
  if (end == TrainEnd::out_of_patience)
    std::printf("stopped early: no better validation loss for %d epochs\n", config.train.patience);
  std::printf("%s\tbest epoch %lld\tval_loss %.4f\n", printable(folder.model_file().string()).c_str(),
              static_cast<long long>(trainer.position().best_epoch), trainer.position().best_val_loss);
}

int train(const TrainChoice& o, const CLI::App& command) {
  apply(o.common);
  const RunFolder folder(o.out);
  check(o, folder);
  std::optional<RunLock> lock;  // a new run takes it when its folder is made, once its inputs are read
  if (o.resume) lock.emplace(folder);
  watch_interrupts();  // from here on training stops at its first safe point, with a checkpoint
  std::optional<convert::Weights> init;
  if (!o.init.empty()) init = convert::read_weights(o.init);
  const TrainOptions options =
      train_options(o, init ? fingerprint(MappedFile(o.init).bytes()) : std::string());

  const WordPiece wordpiece(o.resume ? folder.vocab_file() : std::filesystem::path(o.vocab));
  const FeatureStore features{std::filesystem::path(o.features)};
  Parts parts = o.resume ? resumed_parts(o, options, features, wordpiece, folder, command)
                         : new_parts(o, options, features, wordpiece);
  RunConfig& config = parts.config;
  const TrainingData data = encode_training_data(parts.captions, parts.split, config.train.recipe,
                                                 config.max_length, wordpiece, features);
  const std::string data_fingerprint = fingerprint(data);
  if (o.resume && data_fingerprint != config.data) {
    throw Error("cannot resume", folder.path().string(),
                "the captions, the features or the run's vocab.txt are not those that it was begun with",
                "Give or restore the same files, or train into another folder");
  }
  config.data = data_fingerprint;

  Trainer trainer(folder, config, data);
  if (o.resume) {
    trainer.resume();
    require_epochs(config.train.epochs, trainer.position());
    folder.write_config(config);
  } else {
    if (init)
      trainer.start_from([&](const std::string& name, View value) { convert::load_f32(*init, name, value); });
    else
      trainer.start();
    lock.emplace(folder);
    trainer.begin_run(parts.split, o.vocab);
  }
  if (!o.common.quiet) report_start(config, trainer, data);
  const bool was_finished = trainer.position().epoch > config.train.epochs;
  const TrainEnd end = run_trainer(trainer, config, o.common.quiet);
  if (was_finished && end == TrainEnd::finished && !o.common.quiet) report_nothing_left(config.train);
  report_end(o, config, folder, trainer, end);
  return parts.some_skipped ? kSomeSkipped : kDone;
}

}  // namespace

void add_train(CLI::App& app, Action& action) {
  auto o = std::make_shared<TrainChoice>();
  CLI::App* command = app.add_subcommand("train", "Train a captioner on features and captions");
  add_train_options(*command, *o);
  add_common(
      *command, o->common,
      "plainsight train --features features.safetensors --captions captions.txt --vocab vocab.txt --out run");
  command->callback([o, command, &action] { action = [o, command] { return train(*o, *command); }; });
}

}  // namespace plainsight
