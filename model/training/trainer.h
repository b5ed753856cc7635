#pragma once

#include <functional>

#include "model/run/run_folder.h"
#include "model/training/captioner.h"
#include "model/training/checkpoint.h"
#include "model/training/metrics_log.h"
#include "model/training/training_data.h"

namespace plainsight {

struct StepReport {
  std::int64_t epoch, step, steps;  ///< step of steps in the epoch, from 1
  float loss;
};

struct EpochReport {
  std::int64_t epoch;
  double train_loss, val_loss;
  double seconds;  ///< in this process, validation not included
  double targets_per_second;
  bool kept;  ///< model.safetensors was written
};

/// What training tells and asks while it runs. Any may be empty.
struct TrainHooks {
  std::function<void(const StepReport&)> step;
  std::function<void(const EpochReport&)> epoch;
  std::function<bool()> stop;  ///< asked after every step; true: write a checkpoint and return
  double checkpoint_seconds = 60;
};

enum class TrainEnd { finished, out_of_patience, stopped };

/// Trains a captioner into a run folder. Everything it writes is a function of the configuration and the
/// data, except the fields "seconds" and "targets_per_second" of metrics.jsonl: not of the number of threads,
/// nor of how often the run was stopped and resumed.
class Trainer {
 public:
  Trainer(RunFolder folder, RunConfig config, const TrainingData& data);

  /// The weights of a new run: drawn from the seed, or filled in by `load`, called with each parameter's name
  /// (those of the notebook's state_dict) and place.
  void start();
  void start_from(const std::function<void(const std::string& name, View value)>& load);
  /// Makes the run folder, with a checkpoint of the weights set by start: a run that has begun can be
  /// resumed. Throws Error when a run was begun there, or when writing fails. For a run that others
  /// can reach, the caller holds a RunLock here, and before resume().
  void begin_run(const Split& split, const std::filesystem::path& vocab);
  /// Continues from the folder's checkpoint. Throws Error when that or the best weights
  /// are missing or damaged.
  void resume();

  /// Trains until the configured end or until hooks.stop(). Throws Error when the loss or a weight is no
  /// longer finite, or the loss explodes; the last checkpoint is then from before.
  TrainEnd run(const TrainHooks& hooks);

  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  const Position& position() const { return position_; }

  /// One step of training on `batch` with the gradients left in place for tests; run() does the same and
  /// zeroes them.
  float loss_and_gradients(const Batch& batch, std::int64_t epoch, std::int64_t step);
  ParameterSet& parameters() { return parameters_; }
  Adam& optimizer() { return adam_; }
  /// The samples of an epoch in their order, one batch after another.
  std::vector<Sample> epoch_samples(std::int64_t epoch) const;
  Targets targets() const;

 private:
  bool train_epoch(const TrainHooks& hooks);
  void finish_epoch(const TrainHooks& hooks);
  void save_checkpoint();
  void refuse_loss(float loss) const;
  void refuse_weights() const;
  [[noreturn]] void stop_training(const std::string& why) const;

  RunFolder folder_;
  RunConfig config_;
  const TrainingData& data_;
  Captioner model_;
  ParameterSet parameters_;
  Adam adam_;
  Tape tape_;
  std::vector<Sample> samples_;
  std::int64_t steps_per_epoch_;
  Position position_;
  std::unique_ptr<MetricsLog> metrics_;
  double epoch_seconds_ = 0;
  std::int64_t epoch_targets_here_ = 0;
};

/// Mean cross-entropy over every next id of `part`, in natural logarithms.
double validation_loss(const Captioner& model, const DataPart& part, const FeatureStore& features,
                       Arena& scratch);

}  // namespace plainsight
