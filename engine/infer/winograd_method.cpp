// Winograd's convolution: V = B^T d B for each input tile, M[f] = U[f] V[f] for each of the a*a frequencies f, and
// y = A^T M A, with bias, ReLU and pool in the last step. docs/math/winograd.md has the derivation and the blocking.
//
//   V [f][channel block][tile][16]     a block of `block_` tiles
//   U [f][panel][channel][panel width] the transformed weights
//   M [f][panel / 16][tile][16]        one panel of output channels: small enough to stay in L2
//
// Two schedules. With few channels a thread takes a block of tiles for itself: V, M and the panel of U at hand are in its
// L2 cache. With many channels U is larger than any cache and must be used for many tiles when it comes by: the threads
// transform one large block together, then each takes panels of output channels, so that each panel of U is read once.

#include <vector>

#include "engine/base/parallel.h"
#include "engine/infer/conv_method.h"

namespace plainsight {
namespace {

/// Bytes of V for a block that one thread keeps for itself: half of an L2 cache of 1 MB.
constexpr std::int64_t kOwnBlockBytes = 512 * 1024;
/// Bytes of V for a block that the threads share: a part of the L3 cache.
constexpr std::int64_t kSharedBlockBytes = 8 * 1024 * 1024;
/// From this many bytes of transformed weights on, the threads share blocks.
constexpr std::int64_t kShareFromBytes = 8 * 1024 * 1024;

class WinogradMethod final : public ConvPlan::Method {
 public:
  WinogradMethod(const ConvShape& shape, ConstView weight, ConstView bias, const WinogradKernels& winograd,
                 const ConvKernels& kernels);
  std::int64_t workspace_size() const override {
    return shared_ ? v_size() + threads() * m_size() : threads() * (v_size() + m_size());
  }
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override;

 private:
  struct Tile {
    std::int64_t image, y, x;
  };
  Tile tile_at(std::int64_t t) const {
    const std::int64_t per_image = tiles_y_ * tiles_x_;
    return {t / per_image, t % per_image / tiles_x_ * winograd_.tile, t % tiles_x_ * winograd_.tile};
  }
  void transform_weights(ConstView weight);
  void transform_inputs(float* v, const float* in, std::int64_t first_tile, std::int64_t tiles,
                        std::int64_t block) const;
  void multiply(float* m, const float* v, std::int64_t panel, std::int64_t tiles) const;
  void transform_outputs(float* out, const float* m, std::int64_t first_tile, std::int64_t tiles,
                         std::int64_t panel) const;
  void run_own_blocks(float* out, const float* in, std::int64_t tiles, float* workspace) const;
  void run_shared_blocks(float* out, const float* in, std::int64_t tiles, float* workspace) const;

  std::int64_t frequencies() const { return winograd_.points * winograd_.points; }
  std::int64_t v_size() const { return frequencies() * v_stride_; }
  std::int64_t m_size() const { return frequencies() * m_stride_; }
  std::int64_t panel_size() const { return blocks_ * kChannelBlock * kernels_.panel; }

  ConvShape shape_;
  const WinogradKernels& winograd_;
  const ConvKernels& kernels_;
  std::int64_t blocks_, panels_, tiles_y_, tiles_x_;
  bool shared_;
  std::int64_t block_;                ///< tiles
  std::int64_t v_stride_, m_stride_;  ///< from one frequency to the next
  std::vector<long> offsets_;
  FloatBuffer weights_, bias_;
};

/// An odd number of cache lines: with a power of two, the stores of all frequencies would fall into one set of the cache.
std::int64_t odd_lines(std::int64_t floats) { return (floats / kChannelBlock | 1) * kChannelBlock; }

WinogradMethod::WinogradMethod(const ConvShape& shape, ConstView weight, ConstView bias,
                               const WinogradKernels& winograd, const ConvKernels& kernels)
    : shape_(shape),
      winograd_(winograd),
      kernels_(kernels),
      blocks_(channel_blocks(shape.in_channels)),
      panels_(round_up(shape.out_channels, kernels.panel) / kernels.panel),
      tiles_y_((shape.height + winograd.tile - 1) / winograd.tile),
      tiles_x_((shape.width + winograd.tile - 1) / winograd.tile),
      bias_(padded_bias(bias, kernels.panel)) {
  const std::int64_t float_size = static_cast<std::int64_t>(sizeof(float));
  shared_ = frequencies() * panels_ * panel_size() * float_size >= kShareFromBytes;
  const std::int64_t tile_bytes = frequencies() * blocks_ * kChannelBlock * float_size;
  block_ =
      std::max((shared_ ? kSharedBlockBytes : kOwnBlockBytes) / tile_bytes / kernels.rows, std::int64_t{1}) *
      kernels.rows;
  v_stride_ = odd_lines(blocks_ * block_ * kChannelBlock);
  m_stride_ = odd_lines(kernels.panel * block_);
  for (std::int64_t b = 0; b < blocks_; ++b) offsets_.push_back(b * block_ * kChannelBlock);
  transform_weights(weight);
}

void WinogradMethod::transform_weights(ConstView weight) {
  const std::int64_t channels = blocks_ * kChannelBlock, stride = panels_ * panel_size();
  weights_ = allocate_floats_uninitialized(static_cast<std::size_t>(frequencies() * stride));
  parallel_for(panels_ * kernels_.panel / kChannelBlock, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin * kChannelBlock; k < end * kChannelBlock; k += kChannelBlock)
      for (std::int64_t c = 0; c < channels; ++c) {
        // Channels that only fill up a block or a panel have weights of zero.
        const std::int64_t real =
            c < shape_.in_channels ? std::clamp<std::int64_t>(shape_.out_channels - k, 0, kChannelBlock) : 0;
        winograd_.transform_weights(
            weights_.get() + k / kernels_.panel * panel_size() + c * kernels_.panel + k % kernels_.panel,
            stride, weight.data + (real > 0 ? (k * shape_.in_channels + c) * 9 : 0), shape_.in_channels * 9,
            static_cast<int>(real));
      }
  });
}

void WinogradMethod::transform_inputs(float* v, const float* in, std::int64_t first_tile, std::int64_t tiles,
                                      std::int64_t block) const {
  const std::int64_t picture = shape_.height * shape_.width * kChannelBlock;
  for (std::int64_t t = 0; t < tiles; ++t) {
    const Tile tile = tile_at(first_tile + t);
    winograd_.transform_input(v + offsets_[static_cast<std::size_t>(block)] + t * kChannelBlock, v_stride_,
                              in + (tile.image * blocks_ + block) * picture, shape_.height, shape_.width,
                              tile.y - 1, tile.x - 1);
  }
}

void WinogradMethod::multiply(float* m, const float* v, std::int64_t panel, std::int64_t tiles) const {
  for (std::int64_t f = 0; f < frequencies(); ++f) {
    const float* weights = weights_.get() + (f * panels_ + panel) * panel_size();
    in_even_parts(tiles, kernels_.rows, [&](std::int64_t t, std::int64_t count) {
      kernels_.product(m + f * m_stride_ + t * kChannelBlock, block_ * kChannelBlock,
                       v + f * v_stride_ + t * kChannelBlock, offsets_.data(), blocks_, weights,
                       static_cast<int>(count));
    });
  }
}

void WinogradMethod::transform_outputs(float* out, const float* m, std::int64_t first_tile,
                                       std::int64_t tiles, std::int64_t panel) const {
  const std::int64_t step = shape_.pool ? 2 : 1, out_blocks = channel_blocks(shape_.out_channels);
  const std::int64_t height = shape_.height / step, width = shape_.width / step;
  const std::int64_t per_panel = kernels_.panel / kChannelBlock;
  const std::int64_t end = std::min((panel + 1) * per_panel, out_blocks);
  for (std::int64_t k = panel * per_panel; k < end; ++k)
    for (std::int64_t t = 0; t < tiles; ++t) {
      const Tile tile = tile_at(first_tile + t);
      winograd_.transform_output(out + (tile.image * out_blocks + k) * height * width * kChannelBlock,
                                 m + (k % per_panel * block_ + t) * kChannelBlock, m_stride_,
                                 {bias_.get() + k * kChannelBlock, shape_.relu, shape_.pool}, height, width,
                                 tile.y, tile.x);
    }
}

void WinogradMethod::run_own_blocks(float* out, const float* in, std::int64_t tiles, float* workspace) const {
  const std::int64_t tasks = (tiles + block_ - 1) / block_,
                     workers = std::min<std::int64_t>(threads(), tasks);
  parallel_for(workers, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t w = begin; w < end; ++w) {
      float* v = workspace + w * (v_size() + m_size());
      float* m = v + v_size();
      for (std::int64_t task = tasks * w / workers; task < tasks * (w + 1) / workers; ++task) {
        const std::int64_t first = task * block_, count = std::min(block_, tiles - first);
        for (std::int64_t b = 0; b < blocks_; ++b) transform_inputs(v, in, first, count, b);
        for (std::int64_t p = 0; p < panels_; ++p) {
          multiply(m, v, p, count);
          transform_outputs(out, m, first, count, p);
        }
      }
    }
  });
}

void WinogradMethod::run_shared_blocks(float* out, const float* in, std::int64_t tiles,
                                       float* workspace) const {
  float* v = workspace;
  const std::int64_t workers = std::min<std::int64_t>(threads(), panels_);
  in_even_parts(tiles, block_, [&](std::int64_t first, std::int64_t count) {
    parallel_for(blocks_, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t b = begin; b < end; ++b) transform_inputs(v, in, first, count, b);
    });
    parallel_for(workers, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t w = begin; w < end; ++w) {
        float* m = v + v_size() + w * m_size();
        for (std::int64_t p = panels_ * w / workers; p < panels_ * (w + 1) / workers; ++p) {
          multiply(m, v, p, count);
          transform_outputs(out, m, first, count, p);
        }
      }
    });
  });
}

void WinogradMethod::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  const std::int64_t tiles = images * tiles_y_ * tiles_x_;
  if (shared_)
    run_shared_blocks(out, in, tiles, workspace);
  else
    run_own_blocks(out, in, tiles, workspace);
}

void WinogradMethod::describe(ConvPlanInfo& info) const {
  info.tile = winograd_.tile;
  info.block = block_;
  info.threads_share_block = shared_;
  info.weight_bytes = frequencies() * panels_ * panel_size() * static_cast<std::int64_t>(sizeof(float));
  info.product_flops =
      2 * frequencies() * tiles_y_ * tiles_x_ * blocks_ * kChannelBlock * panels_ * kernels_.panel;
}

}  // namespace

std::unique_ptr<const ConvPlan::Method> make_winograd(const ConvShape& shape, ConstView weight,
                                                      ConstView bias, const WinogradKernels& winograd,
                                                      const ConvKernels& kernels) {
  return std::make_unique<WinogradMethod>(shape, weight, bias, winograd, kernels);
}

}  // namespace plainsight
