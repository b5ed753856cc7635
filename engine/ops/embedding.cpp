#include "engine/ops/embedding.h"

#include <algorithm>

#include "engine/kernels/isa/engine.h"
#include "engine/plain/embedding.h"

namespace plainsight {

namespace {

void check(std::span<const std::int32_t> ids, std::int64_t V) {
  for (const std::int32_t id : ids) require(0 <= id && id < V, "embedding: an id is not in [0,V)");
}

}  // namespace

void embedding_forward(View y, std::span<const std::int32_t> ids, ConstView W) {
  require(y.rows() == static_cast<std::int64_t>(ids.size()) && y.cols() == W.cols(),
          "embedding: ids[N], W[V,E], y[N,E] expected");
  check(ids, W.rows());
  if (engine() == Engine::plain) {
    return plain::embedding_forward(plain::matrix(y), ids, plain::matrix(W));
  }
  for (std::size_t n = 0; n < ids.size(); ++n) {
    std::copy_n(W.row(ids[n]), W.cols(), y.row(static_cast<std::int64_t>(n)));
  }
}

void embedding_backward(View dW, ConstView dy, std::span<const std::int32_t> ids, std::int32_t padding_idx) {
  if (!dW) return;
  require(dy.rows() == static_cast<std::int64_t>(ids.size()) && dy.cols() == dW.cols(),
          "embedding: ids[N], dW[V,E], dy[N,E] expected");
  check(ids, dW.rows());
  if (engine() == Engine::plain) {
    return plain::embedding_backward(plain::matrix(dW), plain::matrix(dy), ids, padding_idx);
  }
  // Adds in the order of n: the same id may come many times, and its sum must not depend on threads.
  for (std::size_t n = 0; n < ids.size(); ++n) {
    if (ids[n] == padding_idx) continue;
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
