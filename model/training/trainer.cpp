#include "model/training/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/optim/clip.h"
#include "model/captioner/captioner_weights.h"
#include "model/training/batch_loader.h"
#include "model/training/parameter_file.h"

namespace plainsight {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// After two epochs without a better validation loss the rate is halved.
constexpr double kPlateauFactor = 0.5;
constexpr std::int64_t kPlateauPatience = 1;

}  // namespace

Trainer::Trainer(RunFolder folder, RunConfig config, const TrainingData& data)
    : folder_(std::move(folder)),
      config_(std::move(config)),
      data_(data),
      model_(config_.shape, data.pad),
      parameters_(model_),
      adam_(parameters_, {.lr = config_.train.lr, .weight_decay = config_.train.weight_decay}),
      samples_(config_.train.recipe == Recipe::full ? whole_captions(data.train) : prefixes(data.train)) {
  const std::int64_t batch = config_.train.batch_size;
  const auto n = static_cast<std::int64_t>(samples_.size());
  if (n == 0)
    throw Error("nothing to train on", "--captions", "no image of the training split has a caption");
  // The notebook counts images, but fills its batches with prefixes: of those an epoch sees only the first.
  steps_per_epoch_ =
      config_.train.recipe == Recipe::full ? (n + batch - 1) / batch : data.train_images / batch;
  if (steps_per_epoch_ == 0) {
    throw Error("nothing to train on", "--batch-size",
                "the notebook's epoch has (training images / batch size) steps, and that is 0",
                "Give a smaller batch size");
  }
  position_.lr = config_.train.lr;
}

void Trainer::start() { model_.init(config_.train.seed); }
void Trainer::start_from(const std::function<void(const std::string& name, View value)>& load) {
  for (const Parameter& p : parameters_.parameters()) load(p.name, p.value);
}

void Trainer::begin_run(const Split& split, const std::filesystem::path& vocab) {
  folder_.create(split, vocab);
  metrics_ = std::make_unique<MetricsLog>(folder_.metrics_file(), 0);
  save_checkpoint();
  folder_.write_config(config_);
}

void Trainer::resume() {
  constexpr const char* kHint = "Restore it, or train again into another folder";
  const auto require_file = [&](const std::filesystem::path& file) {
    if (std::filesystem::exists(file)) return;
    throw Error("cannot resume", folder_.path().string(), file.filename().string() + " is missing", kHint);
  };
  require_file(folder_.checkpoint_file());
  const Position p = read_checkpoint(folder_.checkpoint_file(), parameters_, adam_);
  // The checkpoint's checksums are of its weights. Every step of Adam writes a line.
  if (p.epoch < 1 || p.step < 0 || p.step > steps_per_epoch_ || adam_.steps() < 0 ||
      p.metrics_lines < adam_.steps()) {
    throw Error("cannot resume", folder_.checkpoint_file().string(),
                "no run stands at epoch " + std::to_string(p.epoch) + ", step " + std::to_string(p.step) +
                    " of " + std::to_string(steps_per_epoch_) + ", after " + std::to_string(adam_.steps()) +
                    " steps in all and " + std::to_string(p.metrics_lines) + " lines of metrics",
                kHint);
  }
  position_ = p;
  if (position_.best_epoch > 0) {
    require_file(folder_.model_file());
    verify_model(SafetensorsFile(folder_.model_file()), config_.shape);
  }
  metrics_ = std::make_unique<MetricsLog>(folder_.metrics_file(), position_.metrics_lines);
}

Targets Trainer::targets() const {
  return config_.train.recipe == Recipe::full ? Targets::every_step : Targets::last_step;
}

std::vector<Sample> Trainer::epoch_samples(std::int64_t epoch) const {
  const auto n = static_cast<std::int64_t>(samples_.size());
  std::vector<Sample> samples;
  if (config_.train.recipe == Recipe::full) {
    for (const std::int32_t i : shuffle(n, config_.train.seed, static_cast<std::uint64_t>(epoch)))
      samples.push_back(samples_[static_cast<std::size_t>(i)]);
  } else {
    const std::int64_t seen = steps_per_epoch_ * config_.train.batch_size;
    for (std::int64_t i = 0; i < seen; ++i) samples.push_back(samples_[static_cast<std::size_t>(i % n)]);
  }
  return samples;
}

TrainEnd Trainer::run(const TrainHooks& hooks) {
  adam_.defer_rows(model_.embedding.weight);
  require(metrics_ != nullptr, "Trainer::run: begin_run() or resume() comes first");
  for (;;) {
    if (config_.train.patience > 0 && position_.epochs_since_best >= config_.train.patience)
      return TrainEnd::out_of_patience;
    if (position_.epoch > config_.train.epochs) return TrainEnd::finished;
    if (!train_epoch(hooks)) return TrainEnd::stopped;
    finish_epoch(hooks);
    if (hooks.stop && hooks.stop() && position_.epoch <= config_.train.epochs) return TrainEnd::stopped;
  }
}

bool Trainer::train_epoch(const TrainHooks& hooks) {
  const std::vector<Sample> samples = epoch_samples(position_.epoch);
  const std::int64_t batch_size = config_.train.batch_size;
  BatchLoader loader(position_.step, steps_per_epoch_, [&](std::int64_t step, Batch& batch) {
    const auto begin = static_cast<std::size_t>(step * batch_size);
    const auto count = std::min(static_cast<std::size_t>(batch_size), samples.size() - begin);
    fill_batch(batch, std::span(samples).subspan(begin, count), targets(), data_.train, *data_.features);
  });
  adam_.set_lr(position_.lr);
  const auto start = Clock::now();
  auto last_checkpoint = start;
  epoch_targets_here_ = 0;
  while (position_.step < steps_per_epoch_) {
    const Batch& batch = loader.next();
    adam_.use_rows(batch.inputs);
    const float loss = loss_and_gradients(batch, position_.epoch, position_.step + 1);
    refuse_loss(loss);
    if (config_.train.clip_norm > 0)
      clip_gradient_norm(parameters_, static_cast<float>(config_.train.clip_norm));
    adam_.step_and_zero();
    const auto targets = static_cast<std::int64_t>(batch.targets.size());
    position_.loss_sum += static_cast<double>(loss) * static_cast<double>(targets);
    position_.targets += targets;
    epoch_targets_here_ += targets;
    ++position_.step;
    metrics_->append("{\"epoch\":" + std::to_string(position_.epoch) +
                     ",\"step\":" + std::to_string(adam_.steps()) + ",\"loss\":" + number(loss) + "}");
    if (hooks.step) hooks.step({position_.epoch, position_.step, steps_per_epoch_, loss});
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

float Trainer::loss_and_gradients(const Batch& batch, std::int64_t epoch, std::int64_t step) {
  tape_.clear();
  TorchGenerator random(
      derive_seed(config_.train.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(step)));
  const Var loss = model_.loss(tape_, batch, static_cast<float>(config_.train.dropout), random);
  tape_.backward(loss);
  return loss.value[0];
}

void Trainer::refuse_loss(float loss) const {
  // A model that knows nothing has a loss of ln V; ten times that has left the ground for good.
  const double limit = 10 * std::log(static_cast<double>(config_.shape.vocab) + 1);
  if (std::isfinite(loss) && static_cast<double>(loss) <= limit) return;
  stop_training(std::isfinite(loss) ? "the loss exploded to " + number(loss)
                                    : "the loss is not a finite number");
}

void Trainer::stop_training(const std::string& why) const {
  const bool saved = std::filesystem::exists(folder_.checkpoint_file());
  throw Error(
      "training stopped",
      "epoch " + std::to_string(position_.epoch) + ", step " + std::to_string(adam_.steps() + 1), why,
      (saved ? "The last good state is in " + folder_.checkpoint_file().string() + ". " : std::string()) +
          "Train with a smaller --lr or with --clip-norm 1");
}

void Trainer::finish_epoch(const TrainHooks& hooks) {
  adam_.catch_up();
  refuse_weights();
  const double train_loss = position_.loss_sum / static_cast<double>(position_.targets);
  const double val_loss = data_.val.captions.size() > 0
                              ? validation_loss(model_, data_.val, *data_.features, tape_.scratch())
                              : train_loss;
  const double rate = epoch_seconds_ > 0 ? static_cast<double>(epoch_targets_here_) / epoch_seconds_ : 0;
  metrics_->append("{\"epoch\":" + std::to_string(position_.epoch) + ",\"train_loss\":" + number(train_loss) +
                   ",\"val_loss\":" + number(val_loss) + ",\"seconds\":" + number(epoch_seconds_) +
                   ",\"targets_per_second\":" + number(rate) + "}");
  const bool better = val_loss < position_.best_val_loss;
  if (better) {
    position_.best_val_loss = val_loss;
    position_.best_epoch = position_.epoch;
  }
  position_.epochs_since_best = better ? 0 : position_.epochs_since_best + 1;
  // The notebook saves what it has at its end.
  const bool keep = better || config_.train.recipe == Recipe::notebook;
  if (keep) save_parameters(folder_.model_file(), parameters_);
  const EpochReport report{position_.epoch, train_loss, val_loss, epoch_seconds_, rate, keep};

  ++position_.epoch;
  position_.step = 0;
  position_.loss_sum = 0;
  position_.targets = 0;
  if (config_.train.lr_schedule == LrSchedule::cosine)
    position_.lr = CosineSchedule{config_.train.lr, config_.train.epochs}.at(position_.epoch - 1);
  if (config_.train.lr_schedule == LrSchedule::plateau) {
    PlateauSchedule plateau{.lr = position_.lr,
                            .factor = kPlateauFactor,
                            .patience = kPlateauPatience,
                            .best = position_.plateau_best,
                            .bad_epochs = position_.plateau_bad_epochs};
    position_.lr = plateau.observe(val_loss);
    position_.plateau_best = plateau.best;
    position_.plateau_bad_epochs = plateau.bad_epochs;
  }
  save_checkpoint();
  if (hooks.epoch) hooks.epoch(report);
}

// An infinity may stand where the loss does not see it: in the embedding of a word that no caption has.
void Trainer::refuse_weights() const {
  const ConstView values = parameters_.values();
  if (!std::all_of(values.data, values.data + values.size(), [](float x) { return std::isfinite(x); }))
    stop_training("a weight is no longer finite");
}

void Trainer::save_checkpoint() {
  adam_.catch_up();
  // First the lines, then the checkpoint that counts them.
  metrics_->flush();
  position_.metrics_lines = metrics_->lines();
  refuse_weights();
  write_checkpoint(folder_.checkpoint_file(), parameters_, adam_, position_);
}

double validation_loss(const Captioner& model, const DataPart& part, const FeatureStore& features,
                       Arena& scratch) {
  constexpr std::size_t kBatch = 64;  // as in training, whose memory this takes
  // Captions of like length together: full steps. Which are together changes no caption's loss.
  std::vector<Sample> samples = whole_captions(part);
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.inputs > b.inputs; });
  Batch batch;
  double sum = 0;
  std::int64_t targets = 0;
  for (std::size_t begin = 0; begin < samples.size(); begin += kBatch) {
    const auto some = std::span(samples).subspan(begin, std::min(kBatch, samples.size() - begin));
    fill_batch(batch, some, Targets::every_step, part, features);
    const auto n = static_cast<std::int64_t>(batch.targets.size());
    sum += static_cast<double>(model.loss_only(batch, scratch)) * static_cast<double>(n);
    targets += n;
  }
  return targets > 0 ? sum / static_cast<double>(targets) : 0;
}

}  // namespace plainsight
