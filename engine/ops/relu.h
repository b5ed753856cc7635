#pragma once

#include "engine/autograd/tape.h"

namespace plainsight {

// Rectifier, element by element:
//   y = max(x, 0)        dx += dy [y > 0]
// x, y of one size. Saved: y. A NaN stays a NaN.

void relu_forward(View y, ConstView x);
void relu_backward(View dx, ConstView dy, ConstView y);

Var relu(Tape& tape, Var x);

}  // namespace plainsight
