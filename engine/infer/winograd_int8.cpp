#include "engine/infer/winograd_int8.h"

namespace plainsight {

WinogradInt8::WinogradInt8(const WinogradInt8Kernels& kernels, std::int64_t channels, std::int64_t panels,
                           std::int64_t tiles)
    : kernels_(kernels), channels_(channels), panels_(panels), tiles_(tiles) {
  for_each_block(channels, kernels.depth,
                 [&](std::int64_t, std::int64_t depth) { panel_size_ += kernels.panel_size(depth); });
}

void WinogradInt8::split_filter(float* slices, const float* u) const {
  for_each_block(channels_, kernels_.depth, [&](std::int64_t c, std::int64_t depth) {
    kernels_.pack_weights(slices, u + c * kernels_.panel, depth);
    slices += kernels_.panel_size(depth);
  });
}

void WinogradInt8::multiply(float* m, const float* v, const float* u_slices, std::int64_t tiles,
                            float* v_slices) const {
  const std::int64_t block_stride = tiles_ * kChannelBlock;  // from one channel block of V or M to the next
  const std::int64_t tile_panels = ceil_div(tiles, kernels_.panel);
  // Split V[f]: it was written by the input transform, and its slices stay in this thread's L2 cache.
  float* a = v_slices;
  for_each_block(channels_, kernels_.depth, [&](std::int64_t c, std::int64_t depth) {
    kernels_.pack_tiles(a, v + c * tiles_, block_stride, tiles, depth);
    a += tile_panels * kernels_.panel_size(depth);
  });
  // Each panel of U[f] comes from memory and is used for all tiles.
  const float* b = u_slices;
  for (std::int64_t panel = 0; panel < panels_; ++panel, m += kernels_.panel * tiles_) {
    a = v_slices;
    for_each_block(channels_, kernels_.depth, [&](std::int64_t c, std::int64_t depth) {
      const std::int64_t size = kernels_.panel_size(depth);
      // Prefetch the same depth block of the next panel: it takes as long to arrive as these products take.
      kernels_.multiply(m, block_stride, a, b, tiles, depth, c > 0, {b + panel_size_, size / kChannelBlock});
      a += tile_panels * size;
      b += size;
    });
  }
}

}  // namespace plainsight
