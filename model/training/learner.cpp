#include "model/training/learner.h"

#include <algorithm>
#include <limits>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "engine/base/round.h"
#include "engine/optim/clip.h"
#include "model/training/validation_loss.h"

namespace plainsight {
namespace {

std::int64_t steps_per_epoch(Recipe recipe, std::int64_t samples, std::int64_t images,
                             std::int64_t batch_size) {
  if (samples == 0)
    throw Error("nothing to train on", "--captions", "no image of the training split has a caption");
  if (recipe == Recipe::full) return ceil_div(samples, batch_size);
  // The notebook divides the number of images by the batch size, but fills its batches with prefixes of
  // captions: an epoch sees only the first images / batch_size batches of prefixes.
  const std::int64_t steps = images / batch_size;
  if (steps == 0) {
    throw Error("nothing to train on", "--batch-size",
                "the notebook's epoch has (training images / batch size) steps, and that is 0",
                "Give a smaller batch size");
  }
  return steps;
}

}  // namespace

Learner::Learner(const RunConfig& config, const TrainingData& data)
    : options_(config.train),
      data_(data),
      model_(config.shape, data.pad),
      parameters_(model_),
      adam_(parameters_, {.lr = options_.lr, .weight_decay = options_.weight_decay}),
      samples_(options_.recipe == Recipe::full ? whole_captions(data.train) : prefixes(data.train)),
      steps_per_epoch_(plainsight::steps_per_epoch(options_.recipe, std::ssize(samples_), data.train_images,
                                                   options_.batch_size)) {}

void Learner::init_weights() { model_.init(options_.seed); }

Targets Learner::targets() const {
  return options_.recipe == Recipe::full ? Targets::every_step : Targets::last_step;
}

std::vector<Sample> Learner::epoch_samples(std::int64_t epoch) const {
  const std::int64_t n = std::ssize(samples_);
  std::vector<Sample> samples;
  if (options_.recipe == Recipe::full) {
    for (const std::int32_t i : shuffle(n, options_.seed, epoch)) samples.push_back(samples_[i]);
  } else {
    const std::int64_t seen = steps_per_epoch_ * options_.batch_size;
    for (std::int64_t i = 0; i < seen; ++i) samples.push_back(samples_[i % n]);
  }
  return samples;
}

void Learner::fill(Batch& batch, const std::vector<Sample>& samples, std::int64_t step) const {
  const std::int64_t begin = step * options_.batch_size;
  const std::int64_t count = std::min<std::int64_t>(options_.batch_size, std::ssize(samples) - begin);
  fill_batch(batch, std::span(samples).subspan(begin, count), targets(), data_.train, *data_.features);
}

float Learner::loss_and_gradients(const Batch& batch, std::int64_t epoch, std::int64_t step) {
  adam_.use_rows(batch.inputs);
  tape_.clear();
  TorchGenerator random(derive_seed(options_.seed, epoch, step));
  const Var loss = model_.loss(tape_, batch, {static_cast<float>(options_.dropout), &random},
                               static_cast<float>(options_.label_smoothing));
  tape_.backward(loss);
  return loss.value[0];
}

void Learner::update() {
  if (options_.clip_norm > 0) clip_gradient_norm(parameters_, static_cast<float>(options_.clip_norm));
  adam_.step_and_zero();
}

double Learner::validation_loss() {
  return plainsight::validation_loss(model_, data_.val, *data_.features, tape_);
}

void Learner::make_embedding_lazy() { adam_.make_lazy(model_.embedding.weight); }

}  // namespace plainsight
