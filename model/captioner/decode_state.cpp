#include "model/captioner/decode_state.h"

#include <algorithm>
#include <utility>

namespace plainsight {

DecodeState::DecodeState(const CaptionerStep& step, std::int64_t rows)
    : step_(step),
      h_(Tensor::uninitialized({rows, step.shape().hidden})),
      c_(Tensor::uninitialized({rows, step.shape().hidden})),
      selected_h_(Tensor::uninitialized({rows, step.shape().hidden})),
      selected_c_(Tensor::uninitialized({rows, step.shape().hidden})),
      x_(Tensor::uninitialized({rows, step.shape().embed})),
      gates_(Tensor::uninitialized({rows, 4 * step.shape().hidden})) {}

void DecodeState::start(ConstView features) {
  step_.start(h_.view().slice(0, features.rows()), c_.view().slice(0, features.rows()), features);
}

void DecodeState::advance(std::span<const std::int32_t> tokens) {
  rows_ = static_cast<std::int64_t>(tokens.size());
  step_.advance(h_.view().slice(0, rows_), c_.view().slice(0, rows_), x_.view().slice(0, rows_),
                gates_.view().slice(0, rows_), tokens);
}

void DecodeState::select(std::span<const std::int32_t> parents) {
  const std::int64_t H = step_.shape().hidden;
  for (std::size_t r = 0; r < parents.size(); ++r) {
    const auto row = static_cast<std::int64_t>(r);
    std::copy_n(h_.view().row(parents[r]), H, selected_h_.view().row(row));
    std::copy_n(c_.view().row(parents[r]), H, selected_c_.view().row(row));
  }
  std::swap(h_, selected_h_);
  std::swap(c_, selected_c_);
}

}  // namespace plainsight
