#include "engine/ops/linear_cross_entropy.h"

#include <algorithm>

#include "engine/kernels/isa/engine.h"
#include "engine/ops/fused_softmax.h"
#include "engine/plain/label_smoothing.h"
#include "engine/plain/linear_cross_entropy.h"

namespace plainsight {

namespace {

// Rows of a block. Gradients need exp(z) of all of them, 86 MB at V = 30,524.
constexpr std::int64_t kBlockRows = 704;

void check(ConstView x, ConstView W, ConstView b, std::span<const std::int32_t> targets,
           std::int32_t ignore_index, std::span<const float> weights) {
  require(
      x.cols() == W.cols() && b.size() == W.rows() && x.rows() == static_cast<std::int64_t>(targets.size()),
      "linear_cross_entropy: x[N,H], W[V,H], b[V], targets[N] expected");
  require(weights.empty() || weights.size() == targets.size(), "linear_cross_entropy: weights[N] expected");
  for (const std::int32_t t : targets) {
    require(t == ignore_index || (0 <= t && t < W.rows()), "linear_cross_entropy: a target is not in [0,V)");
  }
}

/// The loss without label smoothing, on the tuned engine.
float fused_forward_backward(View dx, View dW, View db, ConstView x, ConstView W, ConstView b,
                             std::span<const std::int32_t> targets, std::int32_t ignore_index, Arena& scratch,
                             std::span<const float> weights) {
  const std::int64_t N = x.rows();
  const auto M = N - std::count(targets.begin(), targets.end(), ignore_index);
  const float scale = M > 0 ? 1.0f / static_cast<float>(M) : 0.0f;
  const ArenaScope scope(scratch);
  FusedSoftmax rows(W, b, std::min<std::int64_t>(M, kBlockRows), bool(dx), dW || db, scratch);
  double total = 0;
  const auto finish_block = [&] {
    total += rows.forward();
    if (dx) rows.add_dx(dx, scale);
    if (dW || db) rows.add_dW(dW, db, scale);
    rows.clear();
  };
  // Collects the rows that have a target; each full block goes through both passes.
  for (std::int64_t n = 0; n < N; ++n) {
    const std::int32_t target = targets[n];
    if (target == ignore_index) continue;
    rows.add(x, n, target, weights.empty() ? 1.0f : weights[n]);
    if (rows.full()) finish_block();
  }
  if (rows.count() > 0) finish_block();
  return static_cast<float>(total / static_cast<double>(M));
}

}  // namespace

float linear_cross_entropy_forward_backward(View dx, View dW, View db, ConstView x, ConstView W, ConstView b,
                                            std::span<const std::int32_t> targets, std::int32_t ignore_index,
                                            Arena& scratch, float label_smoothing,
                                            std::span<const float> weights) {
  check(x, W, b, targets, ignore_index, weights);
  require((!dx || dx.shape == x.shape) && (!dW || dW.shape == W.shape) && (!db || db.size() == b.size()),
          "linear_cross_entropy: dx[N,H], dW[V,H], db[V] expected");
  require(0 <= label_smoothing && label_smoothing < 1, "linear_cross_entropy: label smoothing in [0,1)");
  require(label_smoothing == 0 || weights.empty(), "linear_cross_entropy: smoothed labels have no weights");
  const auto matrix = [](auto v) { return plain::matrix(v); };
  const float loss =
      engine() == Engine::plain
          ? plain::linear_cross_entropy(matrix(dx), matrix(dW), plain::row(db), matrix(x), matrix(W),
                                        plain::row(b), targets, ignore_index, scratch, weights)
          : fused_forward_backward(dx, dW, db, x, W, b, targets, ignore_index, scratch, weights);
  if (label_smoothing == 0) return loss;
  return loss + plain::label_smoothing(matrix(dx), matrix(dW), plain::row(db), matrix(x), matrix(W),
                                       plain::row(b), targets, ignore_index, label_smoothing);
}

float linear_cross_entropy_forward(ConstView x, ConstView W, ConstView b,
                                   std::span<const std::int32_t> targets, std::int32_t ignore_index,
                                   Arena& scratch) {
  return linear_cross_entropy_forward_backward({}, {}, {}, x, W, b, targets, ignore_index, scratch);
}

Var linear_cross_entropy(Tape& tape, Var x, const Parameter& W, const Parameter& b,
                         std::span<const std::int32_t> targets, std::int32_t ignore_index,
                         float label_smoothing, std::span<const float> weights) {
  const View loss = tape.allocate({1});
  const View dW = tape.records() ? W.gradient : View(), db = tape.records() ? b.gradient : View();
  loss[0] = linear_cross_entropy_forward_backward(x.gradient, dW, db, x.value, W.value, b.value, targets,
                                                  ignore_index, tape.scratch(), label_smoothing, weights);
  const Var out = tape.result(loss);
  tape.record([=] {
    require(out.gradient[0] == 1.0f,
            "linear_cross_entropy: backward() must start from this loss, with gradient 1");
  });
  return out;
}

}  // namespace plainsight
