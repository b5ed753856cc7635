#pragma once

#include "engine/autograd/tape.h"

namespace plainsight {

// Hyperbolic tangent, element by element:
//   y = tanh x        dx += dy (1 - y²)
// x, y of one size. Saved: y.

void tanh_forward(View y, ConstView x);
void tanh_backward(View dx, ConstView dy, ConstView y);

Var tanh(Tape& tape, Var x);

}  // namespace plainsight
