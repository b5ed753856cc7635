#pragma once

#include <algorithm>

#include "engine/nn/init.h"
#include "engine/ops/embedding.h"

namespace plainsight {

/// torch.nn.Embedding: a row for each id; the row of padding_idx starts at zero and gets no gradient.
struct Embedding {
  Parameter weight;
  std::int32_t padding_idx;

  Embedding(std::int64_t rows, std::int64_t width, std::int32_t padding = kNoPadding)
      : weight({rows, width}), padding_idx(padding) {}

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    f(prefix + "weight", weight);
  }
  void init(TorchGenerator& generator) const {
    // The padding row is drawn with the others and then cleared: the stream does not depend on it.
    generator.normal(std::span(weight.value.data, weight.value.size()), 0, 1);
    if (padding_idx != kNoPadding) std::fill_n(weight.value.row(padding_idx), weight.value.cols(), 0.0f);
  }
  Var operator()(Tape& tape, std::span<const std::int32_t> ids) const {
    return embedding(tape, ids, weight, padding_idx);
  }
};

}  // namespace plainsight
