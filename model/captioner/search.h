#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/captioner/decoder.h"

namespace plainsight {

/// The LSTM state of up to `rows` hypotheses and the space that a step needs.
class DecodeState {
 public:
  DecodeState(const CaptionerStep& step, std::int64_t rows);

  /// The first state of each image, one row each.
  void start(ConstView features);
  /// Feeds one token to each of the first tokens.size() rows.
  void advance(std::span<const std::int32_t> tokens);
  /// Row r takes the state of row parents[r], for all r at once.
  void select(std::span<const std::int32_t> parents);
  /// [rows of the last advance, H]
  ConstView h() const { return h_.view().slice(0, rows_); }

 private:
  const CaptionerStep& step_;
  std::int64_t rows_ = 0;
  Tensor h_, c_, selected_h_, selected_c_, x_, gates_;
};

/// log(sum(exp(row))), computed from the largest element on so that nothing overflows.
double log_sum_exp(std::span<const float> row);

/// Writes the ids of the best.size() largest elements of `row` to `best`, largest first; of equal ones the
/// lower id. best.size() <= row.size().
void largest(std::span<std::int32_t> best, std::span<const float> row);

/// Beam search over a group of images; greedy is a beam of one.
std::vector<std::vector<Hypothesis>> beam_search(const CaptionerStep& step, SpecialIds ids,
                                                 ConstView features, const DecodeOptions& options);

/// Ancestral sampling over a group of images.
std::vector<std::vector<Hypothesis>> sample(const CaptionerStep& step, SpecialIds ids, ConstView features,
                                            const DecodeOptions& options, std::int64_t first_image);

}  // namespace plainsight
