#pragma once

#include <cmath>

#include "engine/nn/init.h"
#include "engine/ops/linear.h"

namespace plainsight {

/// torch.nn.Linear: y = x Wᵀ + b.
struct Linear {
  Parameter weight, bias;

  Linear(std::int64_t in, std::int64_t out) : weight({out, in}), bias({out}) {}

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    f(prefix + "weight", weight);
    f(prefix + "bias", bias);
  }
  void init(TorchGenerator& generator) const {
    init_kaiming_uniform(weight, generator);
    init_uniform(bias, 1 / std::sqrt(static_cast<double>(weight.value.cols())), generator);
  }
  Var operator()(Tape& tape, Var x) const { return linear(tape, x, weight, bias); }
};

}  // namespace plainsight
