#pragma once

#include "engine/autograd/parameter.h"
#include "engine/base/random.h"

namespace plainsight {

// PyTorch's default initialisers, drawn from the same stream in the same order.

/// torch.nn.init.kaiming_uniform_(W, a=√5): uniform within ±1/√fan_in, fan_in = the size of one
/// output's weights.
void init_kaiming_uniform(const Parameter& W, TorchGenerator& generator);
/// Uniform within ±bound.
void init_uniform(const Parameter& p, double bound, TorchGenerator& generator);

}  // namespace plainsight
