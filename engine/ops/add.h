#pragma once

#include "engine/autograd/tape.h"

namespace plainsight {

// Sum of two tensors of one shape (nothing is broadcast):
//   y = a + b        da += dy    db += dy
// Nothing is saved. An empty view among da, db: not wanted.

void add_forward(View y, ConstView a, ConstView b);
void add_backward(View da, View db, ConstView dy);

Var add(Tape& tape, Var a, Var b);

}  // namespace plainsight
