#pragma once

#include <cstdint>

#include "engine/tensor/shape.h"

namespace plainsight {

/// A 3x3 convolution of stride 1 and padding 1 over images of one size, with its epilogue.
struct ConvShape {
  std::int64_t in_channels = 0, out_channels = 0;
  std::int64_t height = 0, width = 0;  ///< of the input, and of the output before the pool
  bool relu = true;                    ///< y = max(0, conv(x) + bias)
  bool pool = false;                   ///< then the maximum of each 2x2 window
  bool planar_input = false;           ///< input is NCHW (a network's first layer), not channel-blocked

  /// Shape of the input for `images` images: [N, ceil(C/16), H*W, 16], or [N,C,H,W] if planar.
  Shape in_shape(std::int64_t images) const;
  /// [N, ceil(K/16), H'*W', 16], with H' = H/2 (rounded down) after a pool.
  Shape out_shape(std::int64_t images) const;
};

}  // namespace plainsight
