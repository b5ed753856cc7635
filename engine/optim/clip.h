#pragma once

#include "engine/autograd/parameter.h"

namespace plainsight {

/// torch.nn.utils.clip_grad_norm_(parameters, max_norm): multiplies all gradients by max_norm / (norm + 1e-6)
/// when that is below 1. Returns norm, the Euclidean norm of all gradients together. The sum is in double
/// over fixed blocks, so it is the same for any number of threads.
float clip_gradient_norm(ParameterSet& parameters, float max_norm);

}  // namespace plainsight
