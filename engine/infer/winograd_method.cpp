// Winograd's convolution: V = B^T d B for each input tile, M[f] = U[f] V[f] for each of the a*a frequencies f, and
// y = A^T M A, with bias, ReLU and pool in the last step. docs/math/winograd.md has the derivation and the blocking.
//
//   V [f][strip][channel block][row][16]   a block of `block_` tiles, in strips of as many rows as a product has
//   U [f][panel][channel][panel width]     the transformed weights
//   M [f][channel block][tile][16]         the products of `group_` panels of output channels
//
// Two schedules. With few channels a thread takes a block of tiles for itself: V, M and the panel of U at hand stay in its
// L2 cache, from the first transform to the last. With many channels U is larger than any cache, and must be used for many
// tiles when it comes by: the threads take each step together over one large block, whose V and M stay in the L3 cache,
// and a thread that holds V[f] in its L2 cache meets each panel of U[f] once.

#include <vector>

#include "engine/infer/conv_method.h"
namespace plainsight {
namespace {

/// Bytes of V and M for a block that one thread keeps for itself: half of an L2 cache of 1 MB, U needs the rest.
constexpr std::int64_t kOwnBlockBytes = 512 * 1024;
/// Bytes of V and M for a block that the threads share: half of an L3 cache of 32 MB.
constexpr std::int64_t kSharedBlockBytes = 16 * 1024 * 1024;
/// With more bytes of transformed weights than this, half of that L3 cache, the threads share blocks.
constexpr std::int64_t kShareFromBytes = 16 * 1024 * 1024;

class WinogradMethod final : public ConvPlan::Method {
 public:
  WinogradMethod(const ConvShape& shape, ConstView weight, ConstView bias, const WinogradKernels& winograd,
                 const ConvKernels& kernels);
  std::int64_t workspace_size() const override { return (shared_ ? 1 : threads()) * (v_size() + m_size()); }
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
  void transform_inputs(float* v, const float* in, std::int64_t first, std::int64_t tiles,
                        std::int64_t block) const;
  void multiply(float* m, const float* v, std::int64_t f, std::int64_t panel, std::int64_t tiles,
                std::int64_t ahead) const;
  void transform_outputs(float* out, const float* m, std::int64_t first, std::int64_t tiles,
                         std::int64_t block) const;
  void run_own_blocks(float* out, const float* in, std::int64_t tiles, float* workspace) const;
  void run_shared_blocks(float* out, const float* in, std::int64_t tiles, float* workspace) const;

  std::int64_t frequencies() const { return winograd_.points * winograd_.points; }
  std::int64_t v_size() const { return frequencies() * v_stride_; }
  std::int64_t m_size() const { return frequencies() * m_stride_; }
  std::int64_t panel_size() const { return blocks_ * kChannelBlock * kernels_.panel; }
  std::int64_t strip_size() const { return blocks_ * kernels_.rows * kChannelBlock; }
  /// Channel blocks of the output in panels [0, panel), without those that only fill up the last panel.
  std::int64_t out_blocks(std::int64_t panel) const {
    return std::min(panel * (kernels_.panel / kChannelBlock), channel_blocks(shape_.out_channels));
  }

  ConvShape shape_;
  const WinogradKernels& winograd_;
  const ConvKernels& kernels_;
  std::int64_t blocks_, panels_, tiles_y_, tiles_x_;
  bool shared_;
  std::int64_t block_;                ///< tiles, a multiple of a product's rows
  std::int64_t group_;                ///< panels in M
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
  shared_ = frequencies() * panels_ * panel_size() * float_size > kShareFromBytes;
  group_ = shared_ ? panels_ : 1;
  const std::int64_t tile_bytes =
      frequencies() * (blocks_ * kChannelBlock + group_ * kernels.panel) * float_size;
  block_ =
      std::max((shared_ ? kSharedBlockBytes : kOwnBlockBytes) / tile_bytes / kernels.rows, std::int64_t{1}) *
      kernels.rows;
  v_stride_ = odd_lines(block_ / kernels.rows * strip_size());
  m_stride_ = odd_lines(group_ * kernels.panel * block_);
  for (std::int64_t b = 0; b < blocks_; ++b) offsets_.push_back(b * kernels.rows * kChannelBlock);
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

void WinogradMethod::transform_inputs(float* v, const float* in, std::int64_t first, std::int64_t tiles,
                                      std::int64_t block) const {
  const std::int64_t picture = shape_.height * shape_.width * kChannelBlock;
  float* strip = v + offsets_[static_cast<std::size_t>(block)];
  in_even_parts(tiles, kernels_.rows, [&](std::int64_t begin, std::int64_t count) {
    for (std::int64_t r = 0; r < count; ++r) {
      const Tile tile = tile_at(first + begin + r);
      winograd_.transform_input(strip + r * kChannelBlock, v_stride_,
                                in + (tile.image * blocks_ + block) * picture, shape_.height, shape_.width,
                                tile.y - 1, tile.x - 1);
    }
    strip += strip_size();
  });
}

/// M[f] of one panel; `m` is where the panel's first channel block begins. The panel that this thread will want next is
/// `ahead` panels further in U: the products of this one bring it into the L2 cache, a part each.
void WinogradMethod::multiply(float* m, const float* v, std::int64_t f, std::int64_t panel,
                              std::int64_t tiles, std::int64_t ahead) const {
  const float* weights = weights_.get() + (f * panels_ + panel) * panel_size();
  const float* strip = v + f * v_stride_;
  const std::int64_t strips = (tiles + kernels_.rows - 1) / kernels_.rows;
  const float* next = weights + ahead * panel_size();
  const long next_size = (panel_size() / kChannelBlock / blocks_ + strips - 1) / strips;
  in_even_parts(tiles, kernels_.rows, [&](std::int64_t begin, std::int64_t count) {
    kernels_.product(m + f * m_stride_ + begin * kChannelBlock, block_ * kChannelBlock, strip,
                     offsets_.data(), blocks_, weights, static_cast<int>(count), {next, next_size});
    strip += strip_size();
    next += next_size * blocks_ * kChannelBlock;
  });
}

/// The results of one channel block of the output; `m` is where it begins.
void WinogradMethod::transform_outputs(float* out, const float* m, std::int64_t first, std::int64_t tiles,
                                       std::int64_t block) const {
  const std::int64_t step = shape_.pool ? 2 : 1, blocks = channel_blocks(shape_.out_channels);
  const std::int64_t height = shape_.height / step, width = shape_.width / step;
  for (std::int64_t t = 0; t < tiles; ++t) {
    const Tile tile = tile_at(first + t);
    winograd_.transform_output(out + (tile.image * blocks + block) * height * width * kChannelBlock,
                               m + t * kChannelBlock, m_stride_,
                               {bias_.get() + block * kChannelBlock, shape_.relu, shape_.pool}, height, width,
                               tile.y, tile.x);
  }
}

void WinogradMethod::run_own_blocks(float* out, const float* in, std::int64_t tiles, float* workspace) const {
  share_tasks((tiles + block_ - 1) / block_, [&](std::int64_t worker, std::int64_t task) {
    float* v = workspace + worker * (v_size() + m_size());
    float* m = v + v_size();
    const std::int64_t first = task * block_, count = std::min(block_, tiles - first);
    for (std::int64_t b = 0; b < blocks_; ++b) transform_inputs(v, in, first, count, b);
    for (std::int64_t p = 0; p < panels_; ++p) {
      for (std::int64_t f = 0; f < frequencies(); ++f)
        multiply(m, v, f, p, count, f + 1 < frequencies() ? panels_ : 0);
      for (std::int64_t k = out_blocks(p); k < out_blocks(p + 1); ++k)
        transform_outputs(out, m + (k - out_blocks(p)) * block_ * kChannelBlock, first, count, k);
    }
  });
}

void WinogradMethod::run_shared_blocks(float* out, const float* in, std::int64_t tiles,
                                       float* workspace) const {
  float *v = workspace, *m = workspace + v_size();
  const std::int64_t panel_step = kernels_.panel * block_;
  in_even_parts(tiles, block_, [&](std::int64_t first, std::int64_t count) {
    share_tasks(blocks_, [&](std::int64_t, std::int64_t b) { transform_inputs(v, in, first, count, b); });
    share_tasks(frequencies() * panels_, [&](std::int64_t, std::int64_t i) {
      multiply(m + i % panels_ * panel_step, v, i / panels_, i % panels_, count, threads());
    });
    share_tasks(channel_blocks(shape_.out_channels), [&](std::int64_t, std::int64_t k) {
      transform_outputs(out, m + k * block_ * kChannelBlock, first, count, k);
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
