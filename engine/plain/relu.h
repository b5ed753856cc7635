#pragma once

#include "engine/plain/map.h"

// Rectifier, element by element. A NaN stays a NaN.
namespace plainsight::plain {

/// y = max(x, 0)
template <class T>
void relu_forward(RowMap<T> y, ConstRowMap<T> x) {
  for_each_part(y.size(), [&](auto part) { part(y) = (part(x).real() <= 0).select(T(0), part(x)); });
}

/// dx += dy [y > 0]
template <class T>
void relu_backward(RowMap<T> dx, ConstRowMap<T> dy, ConstRowMap<T> y) {
  for_each_part(y.size(), [&](auto part) { part(dx) += (part(y).real() > 0).select(part(dy), T(0)); });
}

}  // namespace plainsight::plain
