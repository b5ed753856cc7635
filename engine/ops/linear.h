#pragma once

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"

namespace plainsight {

// A matrix product with weights, plus a bias:
//   y = x Wᵀ + b                          x[N,I]  W[O,I]  b[O]  y[N,O]
//   dx += dy W    dW += dyᵀ x    db += Σₙ dyₙ
// Nothing is saved but the operands. An empty view among dx, dW, db: not wanted.

void linear_forward(View y, ConstView x, ConstView W, ConstView b);
void linear_backward(View dx, View dW, View db, ConstView dy, ConstView x, ConstView W);

Var linear(Tape& tape, Var x, const Parameter& W, const Parameter& b);

}  // namespace plainsight
