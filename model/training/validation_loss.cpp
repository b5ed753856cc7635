#include "model/training/validation_loss.h"

#include <algorithm>

#include "engine/base/round.h"

namespace plainsight {

double validation_loss(const Captioner& model, const DataPart& part, const FeatureStore& features,
                       Tape& tape) {
  constexpr std::int64_t kBatch = 64;  // the default of training, so that the tape's memory fits
  const NoGradients forward_only(tape);
  // Captions of similar length share a batch, which keeps its steps full. A caption's loss does not depend on
  // the other captions of its batch (with the plain engine its last bits do).
  std::vector<Sample> samples = whole_captions(part);
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.inputs > b.inputs; });
  Batch batch;
  double sum = 0;
  double targets = 0;
  for_each_block(std::ssize(samples), kBatch, [&](std::int64_t begin, std::int64_t count) {
    fill_batch(batch, std::span(samples).subspan(begin, count), Targets::every_step, part, features);
    tape.clear();
    const auto n = static_cast<double>(batch.targets.size());
    sum += static_cast<double>(model.loss(tape, batch).value[0]) * n;
    targets += n;
  });
  tape.clear();
  return targets > 0 ? sum / targets : 0;
}

}  // namespace plainsight
