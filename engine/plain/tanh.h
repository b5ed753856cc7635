#pragma once

#include <cmath>

#include "engine/plain/map.h"

// Hyperbolic tangent, element by element.
namespace plainsight::plain {

/// y = tanh x, by the standard library: Eigen's own is off by several last bits near ±1, and 1 - y² magnifies
/// that in the gradient.
template <class T>
void tanh_forward(RowMap<T> y, ConstRowMap<T> x) {
  for_each_part(y.size(),
                [&](auto part) { part(y) = part(x).unaryExpr([](const T& v) { return std::tanh(v); }); });
}

/// dx += dy (1 - y²), as (1 - y) (1 + y): y² would be rounded before the subtraction
template <class T>
void tanh_backward(RowMap<T> dx, ConstRowMap<T> dy, ConstRowMap<T> y) {
  for_each_part(y.size(), [&](auto part) { part(dx) += part(dy) * (T(1) - part(y)) * (T(1) + part(y)); });
}

}  // namespace plainsight::plain
