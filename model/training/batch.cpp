#include "model/training/batch.h"

#include <algorithm>

namespace plainsight {

std::vector<Sample> whole_captions(const DataPart& part) {
  std::vector<Sample> samples;
  for (std::size_t r = 0; r < part.captions.tokens.size(); ++r) {
    const auto length = static_cast<std::int32_t>(part.captions.tokens[r].size());
    if (length > 1) samples.push_back({static_cast<std::int32_t>(r), length - 1});
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
  const auto B = static_cast<std::int64_t>(samples.size());
  if (batch.features.size() == 0 || batch.features.shape()[0] < B)
    batch.features = Tensor::uninitialized({B, features.dim()});
  batch.samples.assign(samples.begin(), samples.end());
  std::stable_sort(batch.samples.begin(), batch.samples.end(),
                   [](const Sample& a, const Sample& b) { return a.inputs > b.inputs; });
  batch.batch_sizes.clear();
  batch.inputs.clear();
  batch.targets.clear();
  batch.last.clear();

  std::int64_t active = B;
  for (std::int32_t t = 0; active > 0; ++t) {
    while (active > 0 && batch.samples[static_cast<std::size_t>(active - 1)].inputs <= t) --active;
    if (active == 0) break;
    batch.batch_sizes.push_back(active);
    for (std::int64_t b = 0; b < active; ++b) {
      const std::span<const std::int32_t> ids =
          part.captions.tokens[static_cast<std::size_t>(batch.samples[static_cast<std::size_t>(b)].row)];
      batch.inputs.push_back(ids[static_cast<std::size_t>(t)]);
      if (targets == Targets::every_step) batch.targets.push_back(ids[static_cast<std::size_t>(t) + 1]);
    }
  }
  if (targets == Targets::last_step) {
    // Row of sample b at step t: the rows of all steps before, then b.
    std::vector<std::int32_t> step_begin{0};
    for (const std::int64_t size : batch.batch_sizes)
      step_begin.push_back(step_begin.back() + static_cast<std::int32_t>(size));
    for (std::int32_t b = 0; b < static_cast<std::int32_t>(B); ++b) {
      const Sample& s = batch.samples[static_cast<std::size_t>(b)];
      batch.last.push_back(step_begin[static_cast<std::size_t>(s.inputs - 1)] + b);
      batch.targets.push_back(
          part.captions.tokens[static_cast<std::size_t>(s.row)][static_cast<std::size_t>(s.inputs)]);
    }
  }
  for (std::int64_t b = 0; b < B; ++b) {
    const auto row = static_cast<std::size_t>(batch.samples[static_cast<std::size_t>(b)].row);
    const auto feature = features.row(
        static_cast<std::size_t>(part.feature_row[static_cast<std::size_t>(part.captions.image[row])]));
    std::copy_n(feature.data(), features.dim(), batch.features.view().row(b));
  }
}

}  // namespace plainsight
