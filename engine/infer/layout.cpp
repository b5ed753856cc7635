#include "engine/infer/layout.h"

#include <algorithm>

#include "engine/base/parallel.h"

namespace plainsight {
namespace {

void check(const Shape& blocked, const Shape& nchw) {
  require(nchw.rank() == 4 && blocked == blocked_shape(nchw[0], nchw[1], nchw[2], nchw[3]),
          "channel-blocked layout: shapes do not fit");
}

}  // namespace

void to_blocked(View blocked, ConstView nchw) {
  check(blocked.shape, nchw.shape);
  const std::int64_t channels = nchw.shape[1], pixels = blocked.shape[2], blocks = blocked.shape[1];
  parallel_for(nchw.shape[0] * blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t image = i / blocks, first = i % blocks * kChannelBlock;
      float* out = blocked.data + i * pixels * kChannelBlock;
      for (std::int64_t c = 0; c < kChannelBlock; ++c)
        for (std::int64_t p = 0; p < pixels; ++p)
          out[p * kChannelBlock + c] =
              first + c < channels ? nchw.data[(image * channels + first + c) * pixels + p] : 0.0f;
    }
  });
}

void from_blocked(View nchw, ConstView blocked) {
  check(blocked.shape, nchw.shape);
  const std::int64_t channels = nchw.shape[1], pixels = blocked.shape[2], blocks = blocked.shape[1];
  parallel_for(nchw.shape[0] * channels, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t image = i / channels, c = i % channels;
      const float* in =
          blocked.data + (image * blocks + c / kChannelBlock) * pixels * kChannelBlock + c % kChannelBlock;
      for (std::int64_t p = 0; p < pixels; ++p) nchw.data[i * pixels + p] = in[p * kChannelBlock];
    }
  });
}

FloatBuffer padded_bias(ConstView bias, std::int64_t panel) {
  FloatBuffer padded = allocate_floats(round_up(bias.size(), panel));
  std::copy_n(bias.data, bias.size(), padded.get());
  return padded;
}

}  // namespace plainsight
