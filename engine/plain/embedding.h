#pragma once

#include <span>

#include "engine/plain/map.h"

// Row lookup.  ids[N], each in [0,V)  W[V,E]  y[N,E]
namespace plainsight::plain {

using Ids = std::span<const std::int32_t>;

/// yₙ = W[idₙ]
template <class T>
void embedding_forward(Map<T> y, Ids ids, ConstMap<T> W) {
  for_each_row(y.rows(), y.cols(), [&](Index n) { y.row(n) = W.row(ids[n]); });
}

/// dW[idₙ] += dyₙ, but nothing where idₙ = padding_idx. On one thread: an id may come many times.
template <class T>
void embedding_backward(Map<T> dW, ConstMap<T> dy, Ids ids, std::int32_t padding_idx) {
  for (Index n = 0; n < dy.rows(); ++n) {
    if (ids[n] != padding_idx) dW.row(ids[n]) += dy.row(n);
  }
}

}  // namespace plainsight::plain
