#include "model/training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "engine/base/error.h"
#include "model/captioner/captioner_weights.h"
#include "model/training/batch_loader.h"
#include "model/training/checkpoint.h"
#include "model/training/parameter_file.h"

namespace plainsight {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Throws Error when no run can be at position `p` after `adam_steps` steps. The checksums of a checkpoint
/// cover its tensors only, so the position is validated separately. Each step of Adam has logged a line.
void require_possible(const Position& p, std::int64_t adam_steps, std::int64_t steps_per_epoch,
                      const std::filesystem::path& file, const char* hint) {
  if (p.epoch >= 1 && p.step >= 0 && p.step <= steps_per_epoch && adam_steps >= 0 &&
      p.metrics_lines >= adam_steps)
    return;
  throw Error("cannot resume", file.string(),
              "no run can be at epoch " + std::to_string(p.epoch) + ", step " + std::to_string(p.step) +
                  " of " + std::to_string(steps_per_epoch) + ", after " + std::to_string(adam_steps) +
                  " steps in all and " + std::to_string(p.metrics_lines) + " lines of metrics",
              hint);
}

/// Throws UsageError when more epochs have begun than the run is to have.
void require_epochs(const Position& p, int epochs) {
  const std::int64_t begun = p.epoch - (p.step == 0 ? 1 : 0);
  if (epochs >= begun) return;
  throw UsageError("cannot resume", "--epochs " + std::to_string(epochs),
                   "the run has already begun epoch " + std::to_string(begun),
                   "Give at least that, or train into another folder");
}

/// Learning rate of epoch `epoch` (from 1), from the rate of the epoch before and its validation loss.
double next_lr(const TrainOptions& o, std::int64_t epoch, double lr, double val_loss, PlateauState& plateau) {
  switch (o.lr_schedule) {
    case LrSchedule::cosine: return CosineSchedule{o.lr, o.epochs}.at(epoch - 1);
    // Halved after two epochs without a better validation loss.
    case LrSchedule::plateau:
      return PlateauSchedule{.factor = 0.5, .patience = 1}.next(plateau, lr, val_loss);
    default: return lr;
  }
}

}  // namespace

Trainer::Trainer(RunLock lock, const RunConfig& config, std::unique_ptr<Learner> learner,
                 const Position& position)
    : lock_(std::move(lock)),
      folder_(lock_.folder()),
      config_(config),
      learner_(std::move(learner)),
      position_(position),
      metrics_(std::make_unique<MetricsLog>(folder_.metrics_file(), position.metrics_lines)) {
  learner_->make_embedding_lazy();
}

Trainer Trainer::begin(const RunFolder& folder, const RunConfig& config, const TrainingData& data,
                       const Split& split, const std::filesystem::path& vocab, const WeightLoader& load) {
  auto learner = std::make_unique<Learner>(config, data);
  if (load) {
    for (const Parameter& p : learner->parameters().parameters()) load(p.name, p.value);
  } else {
    learner->init_weights();
  }
  // The folder is created last, so a command that fails earlier leaves nothing. config.json marks the run
  // as begun.
  RunLock lock(folder);
  folder.create(split, vocab);
  Trainer trainer(std::move(lock), config, std::move(learner), {.lr = config.train.lr});
  trainer.save_checkpoint();
  folder.write_config(config);
  return trainer;
}

Trainer Trainer::resume(RunLock lock, const RunConfig& config, const TrainingData& data) {
  constexpr const char* kHint = "Restore it, or train again into another folder";
  const RunFolder folder = lock.folder();
  const auto require_file = [&](const std::filesystem::path& file) {
    if (std::filesystem::exists(file)) return;
    throw Error("cannot resume", folder.path().string(), file.filename().string() + " is missing", kHint);
  };
  auto learner = std::make_unique<Learner>(config, data);
  require_file(folder.checkpoint_file());
  const Position position =
      read_checkpoint(folder.checkpoint_file(), learner->parameters(), learner->optimizer());
  require_possible(position, learner->optimizer().steps(), learner->steps_per_epoch(),
                   folder.checkpoint_file(), kHint);
  if (position.best.epoch > 0) {
    require_file(folder.model_file());
    verify_model(SafetensorsFile(folder.model_file()), config.shape);
  }
  require_epochs(position, config.train.epochs);
  Trainer trainer(std::move(lock), config, std::move(learner), position);
  folder.write_config(config);
  return trainer;
}

TrainEnd Trainer::run(const TrainHooks& hooks) {
  for (;;) {
    if (config_.train.patience > 0 && position_.best.epochs_since >= config_.train.patience)
      return TrainEnd::out_of_patience;
    if (position_.epoch > config_.train.epochs) return TrainEnd::finished;
    if (!train_epoch(hooks)) return TrainEnd::stopped;

    const EpochReport report = evaluate_epoch();
    log(report);
    if (report.kept) save_parameters(folder_.model_file(), learner_->parameters());
    go_to_next_epoch(report.val_loss);
    save_checkpoint();
    if (hooks.epoch) hooks.epoch(report);
    if (hooks.stop && hooks.stop() && position_.epoch <= config_.train.epochs) return TrainEnd::stopped;
  }
}

/// Runs the remaining steps of the current epoch. Returns false when hooks.stop() ended it.
bool Trainer::train_epoch(const TrainHooks& hooks) {
  const std::int64_t steps = steps_per_epoch();
  const std::vector<Sample> samples = learner_->epoch_samples(position_.epoch);
  BatchLoader loader(position_.step, steps, [&](std::int64_t step, Batch& batch) {
    std::as_const(*learner_).fill(batch, samples, step);
  });
  learner_->optimizer().set_lr(position_.lr);
  const auto start = Clock::now();
  auto last_checkpoint = start;
  epoch_targets_here_ = 0;
  while (position_.step < steps) {
    const float loss = train_step(loader.next());
    if (hooks.step) hooks.step({position_.epoch, position_.step, steps, loss});
    const bool stop = hooks.stop && hooks.stop();
    if (stop || seconds_since(last_checkpoint) >= hooks.checkpoint_seconds) {
      save_checkpoint();
      last_checkpoint = Clock::now();
    }
    if (stop) return false;
  }
  epoch_seconds_ = seconds_since(start);
  return true;
}

/// One step of the optimiser, counted in the position and logged. Returns the loss before the step.
float Trainer::train_step(const Batch& batch) {
  const float loss = learner_->loss_and_gradients(batch, position_.epoch, position_.step + 1);
  refuse_loss(loss);
  learner_->update();
  const std::int64_t targets = std::ssize(batch.targets);
  position_.loss_sum += static_cast<double>(loss) * static_cast<double>(targets);
  position_.targets += targets;
  epoch_targets_here_ += targets;
  ++position_.step;
  metrics_->append("{\"epoch\":" + std::to_string(position_.epoch) + ",\"step\":" +
                   std::to_string(learner_->optimizer().steps()) + ",\"loss\":" + number(loss) + "}");
  return loss;
}

/// Losses and speed of the epoch whose steps are done. Without validation captions the training loss chooses
/// the best epoch.
EpochReport Trainer::evaluate_epoch() {
  learner_->optimizer().catch_up();
  refuse_weights();
  EpochReport report{};
  report.epoch = position_.epoch;
  report.seconds = epoch_seconds_;
  report.train_loss = position_.loss_sum / static_cast<double>(position_.targets);
  report.val_loss = learner_->has_validation() ? learner_->validation_loss() : report.train_loss;
  if (epoch_seconds_ > 0)
    report.targets_per_second = static_cast<double>(epoch_targets_here_) / epoch_seconds_;
  // The notebook saves the weights that it has at its end.
  report.kept = report.val_loss < position_.best.val_loss || config_.train.recipe == Recipe::notebook;
  return report;
}

void Trainer::log(const EpochReport& r) {
  metrics_->append("{\"epoch\":" + std::to_string(r.epoch) + ",\"train_loss\":" + number(r.train_loss) +
                   ",\"val_loss\":" + number(r.val_loss) + ",\"seconds\":" + number(r.seconds) +
                   ",\"targets_per_second\":" + number(r.targets_per_second) + "}");
}

void Trainer::go_to_next_epoch(double val_loss) {
  Position next = position_;
  if (val_loss < position_.best.val_loss) {
    next.best = {.val_loss = val_loss, .epoch = position_.epoch};
  } else {
    ++next.best.epochs_since;
  }
  next.epoch = position_.epoch + 1;
  next.step = 0;
  next.loss_sum = 0;
  next.targets = 0;
  next.lr = next_lr(config_.train, next.epoch, position_.lr, val_loss, next.plateau);
  position_ = next;
}

void Trainer::save_checkpoint() {
  learner_->optimizer().catch_up();
  refuse_weights();
  // The log is on disk before the checkpoint that counts its lines.
  metrics_->flush();
  position_.metrics_lines = metrics_->lines();
  write_checkpoint(folder_.checkpoint_file(), learner_->parameters(), learner_->optimizer(), position_);
}

void Trainer::refuse_loss(float loss) const {
  // An untrained model has a loss of ln V. From ten times that, training does not recover.
  const double limit = 10 * std::log(static_cast<double>(config_.shape.vocab) + 1);
  if (!std::isfinite(loss)) stop_training("the loss is not a finite number");
  if (static_cast<double>(loss) > limit) stop_training("the loss exploded to " + number(loss));
}

/// The loss cannot see every weight: not the embedding of a word that no caption has.
void Trainer::refuse_weights() const {
  const ConstView values = std::as_const(*learner_).parameters().values();
  if (!std::all_of(values.data, values.data + values.size(), [](float x) { return std::isfinite(x); }))
    stop_training("a weight is no longer finite");
}

void Trainer::stop_training(const std::string& why) const {
  const bool saved = std::filesystem::exists(folder_.checkpoint_file());
  const std::int64_t step = std::as_const(*learner_).optimizer().steps() + 1;
  throw Error(
      "training stopped", "epoch " + std::to_string(position_.epoch) + ", step " + std::to_string(step), why,
      (saved ? "The last good state is in " + folder_.checkpoint_file().string() + ". " : std::string()) +
          "Train with a smaller --lr or with --clip-norm 1");
}

}  // namespace plainsight
