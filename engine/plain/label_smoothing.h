#pragma once

#include <span>

#include "engine/plain/map.h"

// Label smoothing (torch.nn.CrossEntropyLoss's label_smoothing): the target distribution is 1-ε on the target
// plus ε/V on every output. Compared with the cross-entropy of the targets alone, that adds
//   loss += ε/M Σₙ (zₙ[tₙ] - z̄ₙ)        z̄ₙ = xₙ·W̄ + b̄, the mean of row n's V logits
//   dxₙ += ε/M (W[tₙ] - W̄)    dW[tₙ] += ε/M xₙ    db[tₙ] += ε/M    dW[v] -= ε/(MV) Σₙ xₙ    db[v] -= ε/V
// over the M rows with a target. The logits are linear in x, so no softmax is needed: N H + V H operations.
namespace plainsight::plain {

/// Returns the loss's part and adds the gradients'.   x[N,H]  W[V,H]  b[V]  targets t[N]
template <class T>
T label_smoothing(Map<T> dx, Map<T> dW, RowMap<T> db, ConstMap<T> x, ConstMap<T> W, ConstRowMap<T> b,
                  std::span<const std::int32_t> targets, std::int32_t ignore_index, T epsilon) {
  const Index N = x.rows(), V = W.rows();
  const T M = T(double(N - std::count(targets.begin(), targets.end(), ignore_index)));
  const T weight = epsilon / M;
  const Row<T> W_mean = W.colwise().sum() / T(double(V));
  const T b_mean = b.sum() / T(double(V));
  Row<T> x_sum = Row<T>::Zero(x.cols());
  T loss = T(0);
  for (Index n = 0; n < N; ++n) {
    const std::int32_t t = targets[n];
    if (t == ignore_index) continue;
    const Row<T> difference = W.row(t) - W_mean;
    loss += (x.row(n).array() * difference.array()).sum() + b(t) - b_mean;
    x_sum += x.row(n);
    if (wanted(dx)) dx.row(n) += weight * difference;
    if (wanted(dW)) dW.row(t) += weight * x.row(n);
    if (wanted(db)) db(t) += weight;
  }
  const T share = weight / T(double(V));
  if (wanted(dW)) for_each_row(V, x.cols(), [&](Index v) { dW.row(v) -= share * x_sum; });
  if (wanted(db)) db.array() -= share * M;
  return weight * loss;
}

}  // namespace plainsight::plain
