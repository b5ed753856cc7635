#pragma once

#include "engine/plain/map.h"

// A matrix product with weights, plus a bias.  x[N,I]  W[O,I]  b[O]  y[N,O]
namespace plainsight::plain {

/// y = x Wᵀ + b
template <class T>
void linear_forward(Map<T> y, ConstMap<T> x, ConstMap<T> W, ConstRowMap<T> b) {
  y.rowwise() = b;
  y.noalias() += x * W.transpose();
}

/// dx += dy W    dW += dyᵀ x    db += Σₙ dyₙ
template <class T>
void linear_backward(Map<T> dx, Map<T> dW, RowMap<T> db, ConstMap<T> dy, ConstMap<T> x, ConstMap<T> W) {
  if (wanted(dx)) dx.noalias() += dy * W;
  if (wanted(dW)) dW.noalias() += dy.transpose() * x;
  if (wanted(db)) db += dy.colwise().sum();
}

}  // namespace plainsight::plain
