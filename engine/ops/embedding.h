#pragma once

#include <cstdint>
#include <span>

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"

namespace plainsight {

// Row lookup:
//   yₙ = W[idₙ]        dW[idₙ] += dyₙ, but nothing where idₙ = padding_idx
// ids[N], each in [0,V)   W[V,E]   y[N,E]. Saved: ids.

/// No id is the padding (torch: padding_idx=None).
inline constexpr std::int32_t kNoPadding = -1;

void embedding_forward(View y, std::span<const std::int32_t> ids, ConstView W);
void embedding_backward(View dW, ConstView dy, std::span<const std::int32_t> ids,
                        std::int32_t padding_idx = kNoPadding);

Var embedding(Tape& tape, std::span<const std::int32_t> ids, const Parameter& W,
              std::int32_t padding_idx = kNoPadding);

}  // namespace plainsight
