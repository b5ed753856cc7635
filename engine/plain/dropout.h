#pragma once

#include "engine/plain/map.h"

// Dropout: each element survives with probability 1-p and is scaled so that its mean stays. m = 0 or 1/(1-p),
// drawn by engine/ops/dropout.h.
namespace plainsight::plain {

/// y = x m
template <class T>
void dropout_forward(RowMap<T> y, ConstRowMap<T> x, ConstRowMap<T> m) {
  for_each_part(y.size(), [&](auto part) { part(y) = part(x) * part(m); });
}

/// dx += dy m
template <class T>
void dropout_backward(RowMap<T> dx, ConstRowMap<T> dy, ConstRowMap<T> m) {
  for_each_part(dy.size(), [&](auto part) { part(dx) += part(dy) * part(m); });
}

}  // namespace plainsight::plain
