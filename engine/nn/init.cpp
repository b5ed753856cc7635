#include "engine/nn/init.h"

#include <cmath>

namespace plainsight {

void init_kaiming_uniform(const Parameter& W, TorchGenerator& generator) {
  // In torch's own steps, in double, since the last bit counts: a = √5, gain = √(2/(1+a²)), std
  // = gain/√fan_in.
  const double a = std::sqrt(5.0);
  const double gain = std::sqrt(2.0 / (1 + a * a));
  const double std = gain / std::sqrt(static_cast<double>(W.value.cols()));
  init_uniform(W, std::sqrt(3.0) * std, generator);
}

void init_uniform(const Parameter& p, double bound, TorchGenerator& generator) {
  const auto limit = static_cast<float>(bound);
  generator.uniform(std::span(p.value.data, p.value.size()), -limit, limit);
}

}  // namespace plainsight
