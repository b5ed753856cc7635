#include "engine/infer/winograd_steps.h"

#include <algorithm>

#include "engine/infer/conv_method.h"

namespace plainsight {
namespace {

/// An odd number of cache lines: with a power of two, the stores of all frequencies would fall into one set
/// of the cache.
std::int64_t odd_lines(std::int64_t floats) { return (floats / kChannelBlock | 1) * kChannelBlock; }

}  // namespace

WinogradSteps::WinogradSteps(const ConvShape& shape, ConstView weight, ConstView bias,
                             const WinogradTiling& tiling, const WinogradBlocking& blocking,
                             const ConvKernels& kernels)
    : shape_(shape),
      kernels_(kernels),
      tiling_(tiling),
      blocking_(blocking),
      blocks_(channel_blocks(shape.in_channels)),
      panels_(round_up(shape.out_channels, kernels.panel) / kernels.panel),
      most_rows_(blocking.digits ? blocking.tiles : kernels.rows),
      v_stride_(odd_lines(blocking.tiles / most_rows_ * strip_size())),
      m_stride_(odd_lines(blocking.panels_of_m * kernels.panel * blocking.tiles)),
      bias_(padded_bias(bias, kernels.panel)) {
  for (std::int64_t b = 0; b < blocks_; ++b) offsets_.push_back(b * most_rows_ * kChannelBlock);
  transform_weights(weight);
}

std::int64_t WinogradSteps::out_blocks(std::int64_t panel) const {
  return std::min(panel * (kernels_.panel / kChannelBlock), channel_blocks(shape_.out_channels));
}

std::int64_t WinogradSteps::weight_bytes() const {
  const std::int64_t panel = blocking_.digits ? digits_of_panel() : panel_size();
  return tiling_.frequencies() * panels_ * panel * static_cast<std::int64_t>(sizeof(float));
}

std::int64_t WinogradSteps::product_flops() const {
  std::int64_t rows = 0;  // of all products
  for (int c = 0; c < kWinogradClasses; ++c)
    rows += (kWinogradClass[c + 1] - kWinogradClass[c]) * tiling_.of_class(c, 1).size();
  return 2 * rows * blocks_ * kChannelBlock * panels_ * kernels_.panel;
}

std::int64_t WinogradSteps::panel_at(std::int64_t f, std::int64_t panel) const {
  return (blocking_.shared ? f * panels_ + panel : panel * tiling_.frequencies() + f) * panel_size();
}

/// Rows in each strip of `tiles` but the last: strips of almost equal size, since a last strip of one row
/// would use a fraction of the multipliers.
std::int64_t WinogradSteps::strip_rows(std::int64_t tiles) const {
  const std::int64_t strips = std::max<std::int64_t>((tiles + most_rows_ - 1) / most_rows_, 1);
  return (tiles + strips - 1) / strips;
}

/// U of one panel, its frequencies `stride` apart.
void WinogradSteps::transform_panel(float* u, std::int64_t stride, ConstView weight,
                                    std::int64_t panel) const {
  for (std::int64_t i = 0; i < kernels_.panel; i += kChannelBlock)
    for (std::int64_t c = 0; c < channels(); ++c) {
      const std::int64_t k = panel * kernels_.panel + i;
      // Channels that only fill up a block or a panel have weights of zero.
      const std::int64_t real =
          c < shape_.in_channels ? std::clamp<std::int64_t>(shape_.out_channels - k, 0, kChannelBlock) : 0;
      kernels_.winograd.transform_weights(u + c * kernels_.panel + i, stride, tiling_.frequencies(),
                                          weight.data + (real > 0 ? (k * shape_.in_channels + c) * 9 : 0),
                                          shape_.in_channels * 9, static_cast<int>(real));
    }
}

void WinogradSteps::transform_weights(ConstView weight) {
  const std::int64_t frequencies = tiling_.frequencies();
  weights_ = allocate_floats_uninitialized(static_cast<std::size_t>(weight_bytes()) / sizeof(float));
  const std::int64_t whole = blocking_.digits ? frequencies * panel_size() : 0;
  const FloatBuffer u = allocate_floats_uninitialized(static_cast<std::size_t>(threads() * whole));
  share_tasks(panels_, [&](std::int64_t worker, std::int64_t panel) {
    if (!blocking_.digits)
      return transform_panel(weights_.get() + panel_at(0, panel), panel_at(1, 0), weight, panel);
    float* mine = u.get() + worker * whole;
    transform_panel(mine, panel_size(), weight, panel);
    for (std::int64_t f = 0; f < frequencies; ++f)
      pack_panel(weights_.get() + (f * panels_ + panel) * digits_of_panel(), mine + f * panel_size());
  });
}

void WinogradSteps::transform_inputs(float* v, const Pixels<const float>& in, const WinogradBlock& block,
                                     std::int64_t channel_block) const {
  std::int64_t rows[kWinogradClasses];
  for (int c = 0; c < kWinogradClasses; ++c) rows[c] = strip_rows(block.ranges[c].size());
  for (std::int64_t t = 0; t < block.count; ++t) {
    float* places[kWinogradClasses] = {};
    for (int c = 0; c < kWinogradClasses; ++c) {
      const TileRange range = block.ranges[c];
      if (t < range.begin || t >= range.end) continue;
      const std::int64_t strip = (t - range.begin) / rows[c], row = (t - range.begin) % rows[c];
      places[c] = v + kWinogradClass[c] * v_stride_ + strip * strip_size() +
                  offsets_[static_cast<std::size_t>(channel_block)] + row * kChannelBlock;
    }
    const WinogradTile tile = block.at(t);
    kernels_.winograd.transform_input[tile.large_y][tile.large_x](
        places, v_stride_, in.plane(tile.image, channel_block), in.height, in.width, in.y + tile.y - 1,
        in.x + tile.x - 1);
  }
}

void WinogradSteps::multiply(float* m, const float* v, const WinogradBlock& block, std::int64_t f,
                             std::int64_t panel, std::int64_t ahead) const {
  const TileRange tiles = block.of_frequency(f);
  if (tiles.size() == 0) return;
  const float* weights = weights_.get() + panel_at(f, panel);
  const float* strip = v + f * v_stride_;
  const std::int64_t rows = strip_rows(tiles.size()), strips = (tiles.size() + rows - 1) / rows;
  const float* next = weights + ahead * panel_size();
  const long next_size = ahead == 0 ? 0 : (panel_size() / kChannelBlock / blocks_ + strips - 1) / strips;
  for (std::int64_t t = tiles.begin; t < tiles.end; t += rows) {
    kernels_.product(m + f * m_stride_ + t * kChannelBlock, blocking_.tiles * kChannelBlock, strip,
                     offsets_.data(), blocks_, weights, static_cast<int>(std::min(rows, tiles.end - t)),
                     {next, next_size});
    strip += strip_size();
    next += next_size * blocks_ * kChannelBlock;
  }
}

void WinogradSteps::transform_outputs(const Pixels<float>& out, const float* m, const WinogradBlock& block,
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
