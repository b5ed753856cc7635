#include "engine/ops/embedding.h"

#include <algorithm>

namespace plainsight {

void embedding_forward(View y, std::span<const std::int32_t> ids, ConstView W) {
  require(y.rows() == static_cast<std::int64_t>(ids.size()) && y.cols() == W.cols(),
          "embedding: ids[N], W[V,E], y[N,E] expected");
  for (std::size_t n = 0; n < ids.size(); ++n) {
    require(0 <= ids[n] && ids[n] < W.rows(), "embedding: an id is not in [0,V)");
    std::copy_n(W.row(ids[n]), W.cols(), y.row(static_cast<std::int64_t>(n)));
  }
}

void embedding_backward(View dW, ConstView dy, std::span<const std::int32_t> ids, std::int32_t padding_idx) {
  if (!dW) return;
  require(dy.rows() == static_cast<std::int64_t>(ids.size()) && dy.cols() == dW.cols(),
          "embedding: ids[N], dW[V,E], dy[N,E] expected");
  // In the order of n: the same id may come many times, and its sum must not depend on threads.
  for (std::size_t n = 0; n < ids.size(); ++n) {
    if (ids[n] == padding_idx) continue;
    require(0 <= ids[n] && ids[n] < dW.rows(), "embedding: an id is not in [0,V)");
    float* row = dW.row(ids[n]);
    const float* dyn = dy.row(static_cast<std::int64_t>(n));
    for (std::int64_t e = 0; e < dW.cols(); ++e) row[e] += dyn[e];
  }
}

Var embedding(Tape& tape, std::span<const std::int32_t> ids, const Parameter& W, std::int32_t padding_idx) {
  const auto kept = tape.keep(ids);
  const View y = tape.allocate({static_cast<std::int64_t>(ids.size()), W.value.cols()});
  embedding_forward(y, kept, W.value);
  const Var out = tape.result(y);
  tape.record([=, dW = W.gradient] { embedding_backward(dW, out.gradient, kept, padding_idx); });
  return out;
}

}  // namespace plainsight
