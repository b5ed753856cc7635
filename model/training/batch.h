#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/caption_rows.h"
#include "data/feature_store.h"
#include "engine/tensor/tensor.h"

namespace plainsight {

/// A part of the data (train, val or test): its encoded captions, and where their images' features are.
struct DataPart {
  CaptionRows captions;
  std::vector<std::int32_t> feature_row;  ///< caption i's image has row feature_row[captions.image[i]]
};

/// What the model learns from at once: the first `inputs` ids of caption `row`.
struct Sample {
  std::int32_t row;
  std::int32_t inputs;
};

/// Where the loss is taken.
enum class Targets {
  every_step,  ///< on the id after each input
  last_step    ///< on the id after the last input only
};

/// Samples in the form that the LSTM takes: longest first, step after step, step t with a row for each of the
/// first batch_sizes[t] samples. B samples, R = Σ batch_sizes inputs.
struct Batch {
  Tensor features;                        ///< [B or more, D]: the first B rows count
  std::vector<std::int64_t> batch_sizes;  ///< per step
  std::vector<std::int32_t> inputs;       ///< [R]
  std::vector<std::int32_t> targets;      ///< [R], or [B] with Targets::last_step
  std::vector<std::int32_t> last;         ///< [B] rows of the last steps; empty with Targets::every_step
  std::vector<Sample> samples;            ///< [B] as sorted

  ConstView images() const { return features.view().slice(0, batch_sizes.empty() ? 0 : batch_sizes[0]); }
};

/// Every caption with each of its next ids as a target: one sample per caption.
std::vector<Sample> whole_captions(const DataPart& part);

/// The notebook's samples: for each caption in order, every prefix from one id to all but the last.
std::vector<Sample> prefixes(const DataPart& part);

/// Fills `batch` from `samples`, reusing its memory. Samples of equal length keep their order.
void fill_batch(Batch& batch, std::span<const Sample> samples, Targets targets, const DataPart& part,
                const FeatureStore& features);

}  // namespace plainsight
