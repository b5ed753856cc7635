#pragma once

#include <cstdint>
#include <span>

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"

namespace plainsight {

// The mean cross-entropy of a linear layer's outputs, both in one, so that the logits never exist all at
// once:
//   z = x Wᵀ + b        pₙ = softmax(zₙ)        loss = 1/M Σₙ -wₙ log pₙ[tₙ]
//   dzₙ = wₙ (pₙ - onehot(tₙ)) / M        dx += dz W    dW += dzᵀ x    db += Σₙ dzₙ
// over the M rows with tₙ ≠ ignore_index; an ignored row has dzₙ = 0. x[N,H]  W[V,H]  b[V]  t[N], each in
// [0,V) or ignore_index; weights w[N] of any sign, 1 where none are given. Without weights it is
// torch.nn.functional.cross_entropy's mean: NaN when M = 0. The gradients are computed in the forward pass,
// while their operands are in cache, and nothing is saved: fused_softmax.h has the method,
// docs/course/cross-entropy.md the reasons.

/// torch's default: no class has this index.
inline constexpr std::int32_t kIgnoreIndex = -100;

/// The loss alone: for evaluation. `scratch` lends memory and gets it back.
float linear_cross_entropy_forward(ConstView x, ConstView W, ConstView b,
                                   std::span<const std::int32_t> targets, std::int32_t ignore_index,
                                   Arena& scratch);

/// The loss, adding its gradients on the way; an empty view among dx, dW, db: not wanted. `label_smoothing`
/// in [0,1) spreads that share of each target over all outputs (torch's; plain/label_smoothing.h); not with
/// weights.
float linear_cross_entropy_forward_backward(View dx, View dW, View db, ConstView x, ConstView W, ConstView b,
                                            std::span<const std::int32_t> targets, std::int32_t ignore_index,
                                            Arena& scratch, float label_smoothing = 0,
                                            std::span<const float> weights = {});

/// The end of a tape: the loss [1]. Unlike other operations it adds to the gradients of x, W and b at once,
/// as the loss that backward() starts from; backward() must be called with it, and with its gradient 1.
Var linear_cross_entropy(Tape& tape, Var x, const Parameter& W, const Parameter& b,
                         std::span<const std::int32_t> targets, std::int32_t ignore_index = kIgnoreIndex,
                         float label_smoothing = 0, std::span<const float> weights = {});

}  // namespace plainsight
