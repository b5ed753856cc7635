// The products of winograd_steps.h on a matrix unit.

#include "engine/infer/conv_method.h"
#include "engine/infer/winograd_steps.h"

namespace plainsight {

std::int64_t WinogradSteps::digits_of_panel() const {
  const WinogradDigitKernels& digits = *kernels_.winograd_digits;
  std::int64_t size = 0;
  for_each_block(channels(), digits.depth,
                 [&](std::int64_t, std::int64_t depth) { size += digits.panel_size(depth); });
  return size;
}

std::int64_t WinogradSteps::digits_size() const {
  return blocking_.digits ? blocking_.tiles / kernels_.winograd_digits->panel * digits_of_panel() : 0;
}

void WinogradSteps::pack_panel(float* digits, const float* u) const {
  const WinogradDigitKernels& kernels = *kernels_.winograd_digits;
  for_each_block(channels(), kernels.depth, [&](std::int64_t c, std::int64_t depth) {
    kernels.pack_weights(digits, u + c * kernels_.panel, depth);
    digits += kernels.panel_size(depth);
  });
}

void WinogradSteps::multiply_digits(float* m, const float* v, const WinogradBlock& block, std::int64_t f,
                                    float* digits) const {
  const WinogradDigitKernels& kernels = *kernels_.winograd_digits;
  const TileRange tiles = block.of_frequency(f);
  if (tiles.size() == 0) return;
  const std::int64_t block_stride = blocking_.tiles * kChannelBlock,
                     panels = ceil_div(tiles.size(), kernels.panel);
  float* a = digits;
  for_each_block(channels(), kernels.depth, [&](std::int64_t c, std::int64_t depth) {
    kernels.pack_tiles(a, v + f * v_stride_ + c * blocking_.tiles, block_stride, tiles.size(), depth);
    a += panels * kernels.panel_size(depth);
  });
  m += f * m_stride_ + tiles.begin * kChannelBlock;
  const float* b = weights_.get() + f * panels_ * digits_of_panel();
  for (std::int64_t panel = 0; panel < panels_; ++panel, m += kernels.panel * blocking_.tiles) {
    a = digits;
    for_each_block(channels(), kernels.depth, [&](std::int64_t c, std::int64_t depth) {
      const std::int64_t size = kernels.panel_size(depth);
      // The next panel comes from memory, and takes as long to come as this one's products.
      kernels.multiply(m, block_stride, a, b, tiles.size(), depth, c > 0,
                       {b + digits_of_panel(), size / kChannelBlock});
      a += panels * size;
      b += size;
    });
  }
}

}  // namespace plainsight
