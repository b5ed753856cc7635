#pragma once

#include <functional>
#include <memory>

#include "model/run/run_folder.h"
#include "model/training/learner.h"
#include "model/training/metrics_log.h"
#include "model/training/position.h"

namespace plainsight {

struct StepReport {
  std::int64_t epoch, step, steps;  ///< step of steps in the epoch, from 1
  float loss;
};

struct EpochReport {
  std::int64_t epoch;
  double train_loss, val_loss;
  double seconds;             ///< spent on its steps by this process, validation excluded
  double targets_per_second;  ///< in these seconds
  bool kept;                  ///< model.safetensors was written
};

/// Callbacks of Trainer::run. Any may be empty.
struct TrainHooks {
  std::function<void(const StepReport&)> step;
  std::function<void(const EpochReport&)> epoch;
  std::function<bool()> stop;  ///< called after every step; true: write a checkpoint and return
  double checkpoint_seconds = 60;
};

enum class TrainEnd { finished, out_of_patience, stopped };

/// Trains a captioner into a run folder, which it holds locked. Everything it writes is a function of the
/// configuration and the data, except the fields "seconds" and "targets_per_second" of metrics.jsonl: it does
/// not depend on how often the run was stopped and resumed, nor on the number of threads (the plain engine's
/// last bits do, and on OpenBLAS's kernels).
class Trainer {
 public:
  /// Writes the initial value of the parameter `name` (as in the notebook's state_dict) to `value`.
  using WeightLoader = std::function<void(const std::string& name, View value)>;

  /// Begins a run in a folder that holds none: makes the folder, with a checkpoint of the initial weights.
  /// They are drawn from the seed, or loaded by `load` when it is given. `data` must outlive the trainer.
  /// Throws Error when there is nothing to train on, when the folder is in use, or when writing fails.
  static Trainer begin(const RunFolder& folder, const RunConfig& config, const TrainingData& data,
                       const Split& split, const std::filesystem::path& vocab, const WeightLoader& load = {});

  /// Continues a run from its checkpoint. `config` is the run's, possibly with another number of epochs, and
  /// is written back; so the caller takes the lock before reading it. Throws Error when the checkpoint or the
  /// best weights are missing or damaged, UsageError when the run has begun more epochs than `config` has.
  static Trainer resume(RunLock lock, const RunConfig& config, const TrainingData& data);

  /// Trains until the configured end, until patience runs out, or until hooks.stop() returns true. Throws
  /// Error when the loss or a weight is no longer finite, or the loss explodes; the last checkpoint is older
  /// than that.
  TrainEnd run(const TrainHooks& hooks);

  std::int64_t steps_per_epoch() const { return learner_->steps_per_epoch(); }
  const Position& position() const { return position_; }
  Learner& learner() { return *learner_; }

 private:
  Trainer(RunLock lock, const RunConfig& config, std::unique_ptr<Learner> learner, const Position& position);

  bool train_epoch(const TrainHooks& hooks);
  float train_step(const Batch& batch);
  EpochReport evaluate_epoch();
  void log(const EpochReport& report);
  void go_to_next_epoch(double val_loss);
  void save_checkpoint();
  void refuse_loss(float loss) const;
  void refuse_weights() const;
  [[noreturn]] void stop_training(const std::string& why) const;

  RunLock lock_;
  RunFolder folder_;
  RunConfig config_;
  std::unique_ptr<Learner> learner_;
  Position position_;
  std::unique_ptr<MetricsLog> metrics_;
  double epoch_seconds_ = 0;             // of the current epoch's steps in this process
  std::int64_t epoch_targets_here_ = 0;  // targets of these steps
};

}  // namespace plainsight
