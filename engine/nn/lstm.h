#pragma once

#include <cmath>

#include "engine/nn/init.h"
#include "engine/ops/lstm.h"

namespace plainsight {

/// torch.nn.LSTM with one layer, over packed sequences (engine/ops/lstm.h has their layout).
struct Lstm {
  LstmParameters p;

  Lstm(std::int64_t in, std::int64_t hidden)
      : p{Parameter({4 * hidden, in}), Parameter({4 * hidden, hidden}), Parameter({4 * hidden}),
          Parameter({4 * hidden})} {}

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    f(prefix + "weight_ih_l0", p.weight_ih);
    f(prefix + "weight_hh_l0", p.weight_hh);
    f(prefix + "bias_ih_l0", p.bias_ih);
    f(prefix + "bias_hh_l0", p.bias_hh);
  }
  void init(TorchGenerator& generator) const {
    const double bound = 1 / std::sqrt(static_cast<double>(p.weight_hh.value.cols()));
    for (const Parameter* w : {&p.weight_ih, &p.weight_hh, &p.bias_ih, &p.bias_hh})
      init_uniform(*w, bound, generator);
  }
  /// h of every step; empty h0 and c0: zero.
  Var operator()(Tape& tape, Var x, Var h0, Var c0, std::span<const std::int64_t> batch_sizes) const {
    return lstm(tape, x, h0, c0, batch_sizes, p);
  }
};

}  // namespace plainsight
