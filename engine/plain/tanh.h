#pragma once

#include "engine/plain/map.h"

// Hyperbolic tangent, element by element.
namespace plainsight::plain {

/// y = tanh x
template <class T>
void tanh_forward(RowMap<T> y, ConstRowMap<T> x) {
  for_each_part(y.size(), [&](auto part) { part(y) = part(x).tanh(); });
}

/// dx += dy (1 - y²)
template <class T>
void tanh_backward(RowMap<T> dx, ConstRowMap<T> dy, ConstRowMap<T> y) {
  for_each_part(y.size(), [&](auto part) { part(dx) += part(dy) * (T(1) - part(y).square()); });
}

}  // namespace plainsight::plain
