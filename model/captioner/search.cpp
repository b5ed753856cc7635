#include "model/captioner/search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/base/error.h"
#include "engine/kernels/isa/table.h"

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

double log_sum_exp(std::span<const float> row) {
  const auto n = static_cast<long>(row.size());
  const float m = kernels().row.max(row.data(), n);
  return static_cast<double>(m) + std::log(kernels().row.exp_sum(row.data(), n, m));
}

void largest(std::span<std::int32_t> best, std::span<const float> row) {
  require(best.size() <= row.size(), "largest: more are wanted than there are");
  std::size_t found = 0;
  const auto n = static_cast<long>(row.size());
  const auto value = [&](std::size_t at) { return row[static_cast<std::size_t>(best[at])]; };
  for (long i = 0; i < n; ++i) {
    if (found == best.size() && (i = kernels().row.find_above(row.data(), i, n, value(found - 1))) == n)
      break;
    // Insertion into the short sorted list: equal elements stay in the order of their ids.
    const float x = row[static_cast<std::size_t>(i)];
    std::size_t at = found < best.size() ? found++ : found - 1;
    for (; at > 0 && x > value(at - 1); --at) best[at] = best[at - 1];
    best[at] = static_cast<std::int32_t>(i);
  }
}

}  // namespace plainsight
