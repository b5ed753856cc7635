#pragma once

#include "engine/plain/map.h"

// Sum of two tensors of one shape.
namespace plainsight::plain {

/// y = a + b
template <class T>
void add_forward(RowMap<T> y, ConstRowMap<T> a, ConstRowMap<T> b) {
  for_each_part(y.size(), [&](auto part) { part(y) = part(a) + part(b); });
}

/// da += dy    db += dy
template <class T>
void add_backward(RowMap<T> da, RowMap<T> db, ConstRowMap<T> dy) {
  for_each_part(dy.size(), [&](auto part) {
    if (wanted(da)) part(da) += part(dy);
    if (wanted(db)) part(db) += part(dy);
  });
}

}  // namespace plainsight::plain
