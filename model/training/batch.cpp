#include "model/training/batch.h"

#include <algorithm>

namespace plainsight {
namespace {

/// Inputs step after step, and with Targets::every_step the id after each input.
void add_steps(Batch& batch, Targets targets, const EncodedTexts& tokens) {
  // Sorted longest first, so the samples that have an input at step t are the first `active` ones.
  std::int64_t active = std::ssize(batch.samples);
  for (std::int32_t t = 0;; ++t) {
    while (active > 0 && batch.samples[active - 1].inputs <= t) --active;
    if (active == 0) return;
    batch.batch_sizes.push_back(active);
    for (const Sample& s : std::span(batch.samples).first(active)) {
      const std::span<const std::int32_t> ids = tokens[s.row];
      batch.inputs.push_back(ids[t]);
      if (targets == Targets::every_step) batch.targets.push_back(ids[t + 1]);
    }
  }
}

/// Finds the row of each sample's last input, and the id after it.
void add_last_steps(Batch& batch, const EncodedTexts& tokens) {
  std::vector<std::int32_t> step_begin{0};  // row of the first sample at each step
  for (const std::int64_t size : batch.batch_sizes)
    step_begin.push_back(step_begin.back() + static_cast<std::int32_t>(size));
  for (std::int32_t b = 0; b < std::ssize(batch.samples); ++b) {
    const Sample& s = batch.samples[b];
    batch.last.push_back(step_begin[s.inputs - 1] + b);
    batch.targets.push_back(tokens[s.row][s.inputs]);
  }
}

void copy_features(Batch& batch, const DataPart& part, const FeatureStore& features) {
  const std::int64_t B = std::ssize(batch.samples);
  if (batch.features.size() == 0 || batch.features.shape()[0] < B)
    batch.features = Tensor::uninitialized({B, features.dim()});
  for (std::int64_t b = 0; b < B; ++b) {
    const std::int32_t image = part.captions.image[batch.samples[b].row];
    const std::span<const float> feature = features.row(part.feature_row[image]);
    std::copy_n(feature.data(), features.dim(), batch.features.view().row(b));
  }
}

}  // namespace

std::vector<Sample> whole_captions(const DataPart& part) {
  std::vector<Sample> samples;
  for (std::int32_t r = 0; r < std::ssize(part.captions.image); ++r) {
    const auto length = static_cast<std::int32_t>(part.captions.tokens[r].size());
    if (length > 1) samples.push_back({r, length - 1});
  }
  return samples;
}

std::vector<Sample> prefixes(const DataPart& part) {
  std::vector<Sample> samples;
  for (const Sample& whole : whole_captions(part))
    for (std::int32_t inputs = 1; inputs <= whole.inputs; ++inputs) samples.push_back({whole.row, inputs});
  return samples;
}

void fill_batch(Batch& batch, std::span<const Sample> samples, Targets targets, const DataPart& part,
                const FeatureStore& features) {
  batch.samples.assign(samples.begin(), samples.end());
  std::stable_sort(batch.samples.begin(), batch.samples.end(),
                   [](const Sample& a, const Sample& b) { return a.inputs > b.inputs; });
  batch.batch_sizes.clear();
  batch.inputs.clear();
  batch.targets.clear();
  batch.last.clear();
  add_steps(batch, targets, part.captions.tokens);
  if (targets == Targets::last_step) add_last_steps(batch, part.captions.tokens);
  copy_features(batch, part, features);
}

}  // namespace plainsight
