#pragma once

#include <cmath>

#include "engine/plain/map.h"

// Softmax of each row.  x, y[N,V]
namespace plainsight::plain {

/// y = e / s of one row, with e = exp(x - m), s = Σ e, m = max x: no exponential overflows. y may be x.
/// Returns log Σ exp x = m + log s.
template <class Y, class X>
typename X::Scalar softmax_row(Y&& y, const X& x) {
  using T = typename X::Scalar;
  const T m = x.real().maxCoeff();
  y.array() = (x.array() - m).exp();
  const T s = y.sum();
  y *= T(1) / s;
  return m + std::log(s);
}

template <class T>
void softmax_forward(Map<T> y, ConstMap<T> x) {
  for_each_row(y.rows(), y.cols(), [&](Index n) { softmax_row(y.row(n), x.row(n)); });
}

/// dxₙ += yₙ (dyₙ - Σ yₙ dyₙ)
template <class T>
void softmax_backward(Map<T> dx, ConstMap<T> dy, ConstMap<T> y) {
  for_each_row(y.rows(), y.cols(), [&](Index n) {
    const auto yn = y.row(n).array(), dyn = dy.row(n).array();
    dx.row(n).array() += yn * (dyn - (yn * dyn).sum());
  });
}

}  // namespace plainsight::plain
