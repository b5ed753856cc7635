#pragma once

#include <cmath>

#include "engine/nn/init.h"
#include "engine/ops/conv2d.h"

namespace plainsight {

/// torch.nn.Conv2d with a square kernel.
struct Conv2d {
  Parameter weight, bias;
  ConvStep step;

  Conv2d(std::int64_t in, std::int64_t out, std::int64_t kernel, ConvStep s = {})
      : weight({out, in, kernel, kernel}), bias({out}), step(s) {}

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    f(prefix + "weight", weight);
    f(prefix + "bias", bias);
  }
  void init(TorchGenerator& generator) const {
    init_kaiming_uniform(weight, generator);
    init_uniform(bias, 1 / std::sqrt(static_cast<double>(weight.value.cols())), generator);
  }
  Var operator()(Tape& tape, Var x) const { return conv2d(tape, x, weight, bias, step); }
};

}  // namespace plainsight
