#pragma once

#include <cstdint>
#include <span>

#include "model/captioner/captioner_step.h"

namespace plainsight {

/// The LSTM state of up to `rows` hypotheses, with the scratch of a step.
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

}  // namespace plainsight
