#pragma once

#include <cstdint>

#include "engine/autograd/tape.h"

namespace plainsight {

// The largest value of each k x k window, windows s apart, no padding:
//   y[n,c,i,j] = max over a,b < k of x[n,c, s·i+a, s·j+b]        dx[at the maximum] += dy
// x[N,C,H,W]   y[N,C,(H-k)/s+1,(W-k)/s+1]. Saved: where in its plane each maximum is, as int32 (the first of
// equals; a NaN counts as the largest, as in PyTorch).

struct PoolShape {
  std::int64_t kernel = 2;
  std::int64_t stride = 2;
};

/// Shape of y. Throws ContractError when the window is larger than the image.
Shape max_pool2d_output(const Shape& x, PoolShape pool);

void max_pool2d_forward(View y, std::int32_t* argmax, ConstView x, PoolShape pool);
void max_pool2d_backward(View dx, ConstView dy, const std::int32_t* argmax);

Var max_pool2d(Tape& tape, Var x, PoolShape pool = {});

}  // namespace plainsight
