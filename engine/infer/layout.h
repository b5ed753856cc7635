#pragma once

#include "engine/base/memory.h"
#include "engine/base/round.h"
#include "engine/kernels/conv/conv_kernels.h"
#include "engine/tensor/view.h"

namespace plainsight {

// The channel-blocked layout of activations; conv_kernels.h defines it.

/// Blocks of 16 channels that hold `channels`.
inline std::int64_t channel_blocks(std::int64_t channels) { return ceil_div(channels, kChannelBlock); }

/// The shape of `images` channel-blocked images: [N, ceil(C/16), H*W, 16].
inline Shape blocked_shape(std::int64_t images, std::int64_t channels, std::int64_t height,
                           std::int64_t width) {
  return {images, channel_blocks(channels), height * width, kChannelBlock};
}

/// NCHW -> channel-blocked; spare channels of the last block become zero. Throws ContractError when the
/// shapes do not fit.
void to_blocked(View blocked, ConstView nchw);

/// Channel-blocked -> NCHW, the order in which PyTorch flattens.
void from_blocked(View nchw, ConstView blocked);

/// A copy of `bias`, padded with zeros to a multiple of `panel`.
FloatBuffer padded_bias(ConstView bias, std::int64_t panel);

}  // namespace plainsight
