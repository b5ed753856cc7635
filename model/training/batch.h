#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/caption_rows.h"
#include "data/feature_store.h"
#include "engine/tensor/tensor.h"

namespace plainsight {

/// A part of the data (train, val or test): its encoded captions, and the feature rows of their images.
struct DataPart {
  CaptionRows captions;
  std::vector<std::int32_t> feature_row;  ///< the image of caption i has row feature_row[captions.image[i]]
};

/// One training sample: the LSTM reads the first `inputs` ids of caption `row`.
struct Sample {
  std::int32_t row;
  std::int32_t inputs;
};

/// The ids that the loss is taken on.
enum class Targets {
  every_step,  ///< the id after each input (teacher forcing): recipe `full`
  last_step    ///< the id after the last input only: recipe `notebook`
};

/// B samples packed as the LSTM takes them (PyTorch's PackedSequence): longest first, step after step; step t
/// has one row for each of the first batch_sizes[t] samples. R = Σ batch_sizes rows.
struct Batch {
  Tensor features;                        ///< [B or more, D]; only the first B rows belong to the batch
  std::vector<std::int64_t> batch_sizes;  ///< samples per step
  std::vector<std::int32_t> inputs;       ///< [R] ids
  std::vector<std::int32_t> targets;      ///< [R] ids, or [B] with Targets::last_step
  std::vector<std::int32_t> last;         ///< [B] row of each sample's last input; empty with every_step
  std::vector<Sample> samples;            ///< [B] in the batch's order

  /// [B,D] features of the samples' images.
  ConstView images() const { return features.view().slice(0, batch_sizes.empty() ? 0 : batch_sizes[0]); }
};

/// One sample per caption, all ids but the last as inputs. A caption of a single id gives none.
std::vector<Sample> whole_captions(const DataPart& part);

/// The notebook's samples: for each caption in order, every prefix from one id to all but the last.
std::vector<Sample> prefixes(const DataPart& part);

/// Fills `batch` with `samples`, reusing its memory. Samples of equal length keep their order.
void fill_batch(Batch& batch, std::span<const Sample> samples, Targets targets, const DataPart& part,
                const FeatureStore& features);

}  // namespace plainsight
