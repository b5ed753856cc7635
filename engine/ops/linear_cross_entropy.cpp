#include "engine/ops/linear_cross_entropy.h"

#include <algorithm>
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/kernels/gemm.h"
#include "engine/ops/linear.h"
#include "engine/ops/row_sum.h"

namespace plainsight {

namespace {

// Rows whose logits exist at once: at V = 30,524 they take 15 MB, which a shared last-level cache holds.
constexpr std::int64_t kBlockRows = 128;

// Returns -log softmax(z)[target]; with `scale` > 0, z becomes (softmax(z) - onehot(target)) * scale.
float cross_entropy_row(float* z, std::int64_t V, std::int32_t target, float scale) {
  const float max = *std::max_element(z, z + V);
  const float z_target = z[target];
  double sum = 0;
  for (std::int64_t v = 0; v < V; ++v) {
    z[v] = std::exp(z[v] - max);
    sum += static_cast<double>(z[v]);
  }
  if (scale > 0) {
    const auto factor = static_cast<float>(static_cast<double>(scale) / sum);
    for (std::int64_t v = 0; v < V; ++v) z[v] *= factor;
    z[target] -= scale;
  }
  return static_cast<float>(std::log(sum)) + max - z_target;
}

void check(ConstView x, ConstView W, ConstView b, std::span<const std::int32_t> targets,
           std::int32_t ignore_index) {
  require(
      x.cols() == W.cols() && b.size() == W.rows() && x.rows() == static_cast<std::int64_t>(targets.size()),
      "linear_cross_entropy: x[N,H], W[V,H], b[V], targets[N] expected");
  for (const std::int32_t t : targets) {
    require(t == ignore_index || (0 <= t && t < W.rows()), "linear_cross_entropy: a target is not in [0,V)");
  }
}

}  // namespace

float linear_cross_entropy_forward_backward(View dx, View dW, View db, ConstView x, ConstView W, ConstView b,
                                            std::span<const std::int32_t> targets, std::int32_t ignore_index,
                                            Arena& scratch) {
  check(x, W, b, targets, ignore_index);
  const std::int64_t N = x.rows(), V = W.rows();
  const auto M = N - std::count(targets.begin(), targets.end(), ignore_index);
  const bool wanted = dx || dW || db;
  const float scale = wanted && M > 0 ? 1.0f / static_cast<float>(M) : 0.0f;
  const ArenaScope scope(scratch);
  const std::int64_t block_rows = std::min(N, kBlockRows);
  float* block = scratch.allocate_array<float>(static_cast<std::size_t>(block_rows * V));
  float* losses = scratch.allocate_array<float>(static_cast<std::size_t>(N));
  for (std::int64_t first = 0; first < N; first += block_rows) {
    const std::int64_t rows = std::min(block_rows, N - first);
    const View z(block, {rows, V});
    const ConstView x_block = x.slice(first, first + rows);
    linear_forward(z, x_block, W, b);
    parallel_for(rows, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t n = begin; n < end; ++n) {
        const std::int32_t target = targets[static_cast<std::size_t>(first + n)];
        if (target == ignore_index) {
          losses[first + n] = 0;
          std::fill_n(z.row(n), V, 0.0f);
        } else {
          losses[first + n] = cross_entropy_row(z.row(n), V, target, scale);
        }
      }
    });
    if (wanted) linear_backward(dx ? dx.slice(first, first + rows) : View(), dW, db, z, x_block, W);
  }
  double total = 0;
  for (std::int64_t n = 0; n < N; ++n) total += static_cast<double>(losses[n]);
  return static_cast<float>(total / static_cast<double>(M));
}

float linear_cross_entropy_forward(ConstView x, ConstView W, ConstView b,
                                   std::span<const std::int32_t> targets, std::int32_t ignore_index,
                                   Arena& scratch) {
  return linear_cross_entropy_forward_backward({}, {}, {}, x, W, b, targets, ignore_index, scratch);
}

Var linear_cross_entropy(Tape& tape, Var x, const Parameter& W, const Parameter& b,
                         std::span<const std::int32_t> targets, std::int32_t ignore_index) {
  const View loss = tape.allocate({1});
  loss[0] = linear_cross_entropy_forward_backward(x.gradient, W.gradient, b.gradient, x.value, W.value,
                                                  b.value, targets, ignore_index, tape.scratch());
  const Var out = tape.result(loss);
  tape.record([=] {
    require(out.gradient[0] == 1.0f,
            "linear_cross_entropy: backward() must start from this loss, with gradient 1");
  });
  return out;
}

}  // namespace plainsight
