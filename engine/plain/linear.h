#pragma once

#include "engine/plain/map.h"

// A matrix product with weights, plus a bias.  x[N,I]  W[O,I]  b[O]  y[N,O]
namespace plainsight::plain {

/// y = x Wᵀ + b
template <class T>
void linear_forward(Map<T> y, ConstMap<T> x, ConstMap<T> W, ConstRowMap<T> b) {
  for_each_row(y.rows(), y.cols(), [&](Index n) { y.row(n) = b; });
  y.noalias() += x * W.transpose();
}

/// dx += dy W    dW += dyᵀ x    db += Σₙ dyₙ
template <class T>
void linear_backward(Map<T> dx, Map<T> dW, RowMap<T> db, ConstMap<T> dy, ConstMap<T> x, ConstMap<T> W) {
  if (wanted(dx)) dx.noalias() += dy * W;
  if (wanted(dW)) dW.noalias() += dy.transpose() * x;
  if (wanted(db)) add_rows<T>(db, dy);
}

}  // namespace plainsight::plain
