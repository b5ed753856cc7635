#include "engine/infer/winograd_steps.h"

#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/infer/layout.h"

namespace plainsight {
namespace {

/// Rounds up to an odd number of cache lines. The input transform stores a tile's 64 frequencies at this
/// stride; a power of two would put all of them into one set of the L1 cache.
std::int64_t odd_lines(std::int64_t floats) { return (floats / kChannelBlock | 1) * kChannelBlock; }

}  // namespace

WinogradSteps::WinogradSteps(const ConvShape& shape, ConstView weight, ConstView bias,
                             const WinogradTiling& tiling, const WinogradBlocking& blocking,
                             const ConvKernels& kernels)
    : shape_(shape),
      kernels_(kernels),
      tiling_(tiling),
      blocking_(blocking),
      in_blocks_(channel_blocks(shape.in_channels)),
      panels_(ceil_div(shape.out_channels, kernels.panel)),
      most_strip_tiles_(blocking.int8 ? blocking.tiles : kernels.rows),
      v_stride_(odd_lines(blocking.tiles / most_strip_tiles_ * strip_size())),
      m_stride_(odd_lines(blocking.panels_of_m * kernels.panel * blocking.tiles)),
      bias_(padded_bias(bias, kernels.panel)) {
  if (blocking.int8) int8_.emplace(*kernels.winograd_int8, channels(), panels_, blocking.tiles);
  for (std::int64_t b = 0; b < in_blocks_; ++b) offsets_.push_back(b * most_strip_tiles_ * kChannelBlock);
  transform_filters(weight);
}

std::int64_t WinogradSteps::out_blocks(std::int64_t panel) const {
  return std::min(panel * (kernels_.panel / kChannelBlock), channel_blocks(shape_.out_channels));
}

std::int64_t WinogradSteps::weight_bytes() const {
  const std::int64_t panel = int8_ ? int8_->panel_size() : panel_size();
  return tiling_.frequencies() * panels_ * panel * static_cast<std::int64_t>(sizeof(float));
}

std::int64_t WinogradSteps::product_flops() const {
  std::int64_t rows = 0;  // of V, over all frequencies
  for (int c = 0; c < kWinogradClasses; ++c)
    rows += (kWinogradClass[c + 1] - kWinogradClass[c]) * tiling_.of_class(c, 1).size();
  return 2 * rows * channels() * panels_ * kernels_.panel;
}

std::int64_t WinogradSteps::panel_at(std::int64_t f, std::int64_t panel) const {
  if (int8_) return (f * panels_ + panel) * int8_->panel_size();
  return (blocking_.cooperative ? f * panels_ + panel : panel * tiling_.frequencies() + f) * panel_size();
}

/// Tiles of every strip but the last, when `tiles` are cut into strips of almost equal size. A last strip of
/// one tile would use a fraction of the multipliers.
std::int64_t WinogradSteps::strip_tiles(std::int64_t tiles) const {
  const std::int64_t strips = std::max<std::int64_t>(ceil_div(tiles, most_strip_tiles_), 1);
  return ceil_div(tiles, strips);
}

/// U of one panel [f][channel][panel width], its frequencies `f_stride` apart.
void WinogradSteps::transform_panel(float* u, std::int64_t f_stride, ConstView weight,
                                    std::int64_t panel) const {
  for (std::int64_t i = 0; i < kernels_.panel; i += kChannelBlock)
    for (std::int64_t c = 0; c < channels(); ++c) {
      const std::int64_t k = panel * kernels_.panel + i;  // the first of 16 output channels
      // The padding of a channel block or panel has filters of zeros.
      const std::int64_t filters =
          c < shape_.in_channels ? std::clamp<std::int64_t>(shape_.out_channels - k, 0, kChannelBlock) : 0;
      kernels_.winograd.transform_weights(u + c * kernels_.panel + i, f_stride, tiling_.frequencies(),
                                          weight.data + (filters > 0 ? (k * shape_.in_channels + c) * 9 : 0),
                                          shape_.in_channels * 9, static_cast<int>(filters));
    }
}

void WinogradSteps::transform_filters(ConstView weight) {
  const std::int64_t frequencies = tiling_.frequencies();
  u_ = allocate_floats_uninitialized(weight_bytes() / sizeof(float));
  // In int8, a thread transforms a panel into a buffer of floats, then splits it.
  const std::int64_t buffer_size = int8_ ? frequencies * panel_size() : 0;
  const FloatBuffer buffers = allocate_floats_uninitialized(threads() * buffer_size);
  parallel_tasks(panels_, [&](std::int64_t worker, std::int64_t panel) {
    if (!int8_) return transform_panel(u_.get() + panel_at(0, panel), panel_at(1, 0), weight, panel);
    float* buffer = buffers.get() + worker * buffer_size;
    transform_panel(buffer, panel_size(), weight, panel);
    for (std::int64_t f = 0; f < frequencies; ++f)
      int8_->split_filter(u_.get() + panel_at(f, panel), buffer + f * panel_size());
  });
}

void WinogradSteps::transform_input(float* v, const Pixels<const float>& in, const WinogradBlock& block,
                                    std::int64_t channel_block) const {
  // The range of tiles, and so the strips, differ between the frequency classes.
  std::int64_t strip[kWinogradClasses];
  for (int c = 0; c < kWinogradClasses; ++c) strip[c] = strip_tiles(block.ranges[c].size());
  for (std::int64_t t = 0; t < block.count; ++t) {
    // to[c]: this tile's 16 channels at the first frequency of class c; null if the tile does not have it.
    float* to[kWinogradClasses] = {};
    for (int c = 0; c < kWinogradClasses; ++c) {
      const TileRange range = block.ranges[c];
      if (t < range.begin || t >= range.end) continue;
      const std::int64_t i = t - range.begin;
      to[c] = v + kWinogradClass[c] * v_stride_ + i / strip[c] * strip_size() + offsets_[channel_block] +
              i % strip[c] * kChannelBlock;
    }
    const WinogradTile tile = block.at(t);
    // A tile reads one pixel more on each side than it has results: the halo of the 3x3 window.
    kernels_.winograd.transform_input[tile.large_y][tile.large_x](
        to, v_stride_, in.plane(tile.image, channel_block), in.height, in.width, in.y + tile.y - 1,
        in.x + tile.x - 1);
  }
}

void WinogradSteps::multiply(float* m, const float* v, const WinogradBlock& block, std::int64_t f,
                             std::int64_t panel, std::int64_t ahead) const {
  const TileRange tiles = block.of_frequency(f);
  if (tiles.size() == 0) return;
  const float* u = u_.get() + panel_at(f, panel);
  const float* strip = v + f * v_stride_;
  const std::int64_t rows = strip_tiles(tiles.size()), strips = ceil_div(tiles.size(), rows);
  // Each strip's product prefetches its share of the next panel: so many cache lines with each channel block.
  const float* next = u + ahead * panel_size();
  const std::int64_t lines = ahead == 0 ? 0 : ceil_div(panel_size() / kChannelBlock / in_blocks_, strips);
  for (std::int64_t t = tiles.begin; t < tiles.end; t += rows) {
    kernels_.product(m + f * m_stride_ + t * kChannelBlock, blocking_.tiles * kChannelBlock, strip,
                     offsets_.data(), in_blocks_, u, static_cast<int>(std::min(rows, tiles.end - t)),
                     {next, lines});
    strip += strip_size();
    next += lines * in_blocks_ * kChannelBlock;
  }
}

void WinogradSteps::multiply_int8(float* m, const float* v, const WinogradBlock& block, std::int64_t f,
                                  float* v_slices) const {
  const TileRange tiles = block.of_frequency(f);
  if (tiles.size() == 0) return;
  int8_->multiply(m + f * m_stride_ + tiles.begin * kChannelBlock, v + f * v_stride_,
                  u_.get() + panel_at(f, 0), tiles.size(), v_slices);
}

void WinogradSteps::transform_output(const Pixels<float>& out, const float* m, const WinogradBlock& block,
                                     std::int64_t channel_block) const {
  const ConvEpilogue epilogue{bias_.get() + channel_block * kChannelBlock, shape_.relu, shape_.pool};
  for (std::int64_t t = 0; t < block.count; ++t) {
    const WinogradTile tile = block.at(t);
    kernels_.winograd.transform_output[tile.large_y][tile.large_x](
        out.plane(tile.image, channel_block), m + t * kChannelBlock, m_stride_, epilogue, out.height,
        out.width, out.y + tile.y, out.x + tile.x);
  }
}

}  // namespace plainsight
