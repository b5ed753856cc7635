#pragma once

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"

namespace plainsight {

// Two-dimensional cross-correlation, the path on which networks are trained (engine/infer has the fast one
// for inference):
//   y[n,o] = b[o] + Σ_c W[o,c] ⋆ x[n,c]       as a product:  yₙ[O,P] = W[O,CK] colₙ[CK,P] + b
//   dW += dyₙ colₙᵀ    dcolₙ = Wᵀ dyₙ    dxₙ += col2im(dcolₙ)    db[o] += Σ dy[:,o]
// x[N,C,H,W]  W[O,C,k,l]  b[O]  y[N,O,OH,OW];  P = OH·OW positions, CK = C·k·l;
// colₙ[(c,a,b),(i,j)] = x[n,c, s·i+a-p, s·j+b-p], 0 outside the image (stride s, padding p).
// Saved: the operands. backward computes colₙ again, since it is k·l times as large as x.

struct ConvStep {
  std::int64_t stride = 1;
  std::int64_t padding = 0;
};

/// Shape of y for x[N,C,H,W] and W[O,C,k,l]. Throws ContractError when they do not fit.
Shape conv2d_output(const Shape& x, const Shape& W, ConvStep step);

/// `scratch` lends the memory of one colₙ and gets it back.
void conv2d_forward(View y, ConstView x, ConstView W, ConstView b, ConvStep step, Arena& scratch);
void conv2d_backward(View dx, View dW, View db, ConstView dy, ConstView x, ConstView W, ConvStep step,
                     Arena& scratch);

Var conv2d(Tape& tape, Var x, const Parameter& W, const Parameter& b, ConvStep step = {});

}  // namespace plainsight
