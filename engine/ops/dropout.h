#pragma once

#include "engine/autograd/tape.h"
#include "engine/base/random.h"

namespace plainsight {

// Dropout while training: each value survives with probability 1-p and is scaled so that its mean stays.
//   y = x m        dx += dy m        m = 0 or 1/(1-p)
// x, m, y of one size. Saved: m. When evaluating, leave the operation out.

/// Draws m: the mask of torch.nn.functional.dropout(x, p) for the same generator state. 0 <= p < 1.
void dropout_mask(View m, float p, TorchGenerator& generator);
void dropout_forward(View y, ConstView x, ConstView m);
void dropout_backward(View dx, ConstView dy, ConstView m);

Var dropout(Tape& tape, Var x, float p, TorchGenerator& generator);

}  // namespace plainsight
