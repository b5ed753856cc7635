#pragma once

#include <cstdint>
#include <vector>

#include "engine/optim/adam.h"
#include "model/run/run_config.h"
#include "model/training/captioner.h"
#include "model/training/training_data.h"

namespace plainsight {

/// The captioner with its samples and its optimiser: the computing part of training, without any file.
/// Every result is a function of the configuration, the data, and (epoch, step); with the plain engine the
/// last bits also depend on the number of threads.
class Learner {
 public:
  /// `data` must outlive the learner. The weights are zero until init_weights() or until they are loaded into
  /// parameters(). Throws Error when there is nothing to train on.
  Learner(const RunConfig& config, const TrainingData& data);
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  /// Draws the weights from the configuration's seed.
  void init_weights();

  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  /// The samples of an epoch (from 1) in training order, one batch after another.
  std::vector<Sample> epoch_samples(std::int64_t epoch) const;
  /// Fills `batch` for step `step` (from 0) of an epoch whose samples are `samples`. Safe to call from
  /// another thread than loss_and_gradients().
  void fill(Batch& batch, const std::vector<Sample>& samples, std::int64_t step) const;

  /// Mean loss of the batch; adds its gradients to those of parameters(). (epoch, step), both from 1, choose
  /// the dropout masks.
  float loss_and_gradients(const Batch& batch, std::int64_t epoch, std::int64_t step);
  /// Applies the gradients: clipping, Adam, then zero gradients.
  void update();
  bool has_validation() const { return data_.val.captions.size() > 0; }
  /// Mean loss over the validation captions, in natural logarithms. The embedding must be up to
  /// date (Adam::catch_up).
  double validation_loss();

  /// Switches to lazy updates of the embedding (Adam::make_lazy): rows that a batch does not use take their
  /// steps later, to the same bits, and loss_and_gradients() brings the rows of its batch up to date. Call it
  /// after weights and moments have been loaded.
  void make_embedding_lazy();

  ParameterSet& parameters() { return parameters_; }
  const ParameterSet& parameters() const { return parameters_; }
  Adam& optimizer() { return adam_; }
  const Adam& optimizer() const { return adam_; }

 private:
  Targets targets() const;

  const TrainOptions options_;
  const TrainingData& data_;
  Captioner model_;
  ParameterSet parameters_;
  Adam adam_;
  Tape tape_;
  std::vector<Sample> samples_;  // of one pass over the training captions, in file order
  std::int64_t steps_per_epoch_;
};

}  // namespace plainsight
