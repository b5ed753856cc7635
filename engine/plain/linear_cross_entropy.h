#pragma once

#include <algorithm>
#include <span>

#include "engine/plain/linear.h"
#include "engine/plain/softmax.h"

// The mean cross-entropy of a linear layer's outputs.  x[N,H]  W[V,H]  b[V]  targets t[N]  weights w[N]
//   z = x Wᵀ + b    pₙ = softmax(zₙ)    loss = 1/M Σₙ -wₙ log pₙ[tₙ],   over the M rows with a target that is
//   not ignore_index
//   dzₙ = wₙ (pₙ - onehot(tₙ)) / M, 0 for an ignored row      dx += dz W    dW += dzᵀ x    db += Σₙ dzₙ
namespace plainsight::plain {

using Targets = std::span<const std::int32_t>;

/// Replaces the logits zₙ of one row by `scale` pₙ, and returns its -log pₙ[tₙ].
template <class T, class Z>
T cross_entropy_row(Z&& z, std::int32_t target, T scale) {
  const T z_target = z(target);
  const T log_sum = softmax_row(z, z);
  z *= scale;
  return log_sum - z_target;
}

/// Returns the loss and adds its gradients; empty `weights`: all 1. Rows are taken in blocks, which bounds
/// the memory: 1024 rows of V = 30,522 logits take 125 MB. The one-hot part of dz is subtracted from dx as
/// one row of W, after the product: its size among 30,522 small terms would cost every later addition its
/// last bits.
template <class T>
T linear_cross_entropy(Map<T> dx, Map<T> dW, RowMap<T> db, ConstMap<T> x, ConstMap<T> W, ConstRowMap<T> b,
                       Targets targets, std::int32_t ignore_index, Arena& scratch,
                       std::span<const float> weights = {}) {
  const Index N = x.rows(), H = x.cols(), V = W.rows();
  const T M = T(double(N - std::count(targets.begin(), targets.end(), ignore_index)));
  const ArenaScope scope(scratch);
  const Index block = std::min<Index>(N, 1024);
  T* memory = matrix_in<T>(scratch, block, V).data();
  Map<T> losses = matrix_in<T>(scratch, 1, N);
  for_each_block(N, block, [&](Index begin, Index rows) {
    const auto target = [&](Index n) { return targets[begin + n]; };
    const auto weight = [&](Index n) { return weights.empty() ? T(1) : T(double(weights[begin + n])); };
    Map<T> z(memory, rows, V);
    const ConstMap<T> xs(x.data() + begin * H, rows, H), zs(memory, rows, V);
    linear_forward<T>(z, xs, W, b);
    for_each_row(rows, V, [&](Index n) {
      const bool ignored = target(n) == ignore_index;
      losses(begin + n) =
          ignored ? T(0) : weight(n) * cross_entropy_row<T>(z.row(n), target(n), weight(n) / M);
      if (ignored) z.row(n).setZero();
    });
    // z is w p / M
    if (wanted(dx)) {
      Map<T> dxs(dx.data() + begin * H, rows, H);
      dxs.noalias() += zs * W;
      for_each_row(rows, H, [&](Index n) {
        if (target(n) != ignore_index) dxs.row(n) -= W.row(target(n)) * weight(n) / M;
      });
    }
    for_each_row(rows, 1, [&](Index n) {
      if (target(n) != ignore_index) z(n, target(n)) -= weight(n) / M;
    });
    // z is dz
    linear_backward<T>({nullptr, rows, H}, dW, db, zs, xs, W);
  });
  return losses.sum() / M;
}

}  // namespace plainsight::plain
