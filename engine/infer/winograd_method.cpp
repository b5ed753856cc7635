// Winograd's convolution: V = B^T d B for each input tile, M[f] = U[f] V[f] for each of the frequencies f, and
// y = A^T M A, with bias, ReLU and pool in the last step. docs/math/winograd.md has the derivation and the blocking.
//
//   V [f][strip][channel block][row][16]   a block of tiles, in strips of as many rows as a product has
//   U [f][panel][channel][panel width]     the transformed weights
//   M [f][channel block][tile][16]         the products of `group_` panels of output channels
//
// A picture is covered exactly by tiles of 6 and 4 results a side. The frequencies of a class concern a contiguous range of
// the block's tiles, and their V holds these alone.
//
// Two schedules. With few channels a thread takes a block of tiles for itself: V, M and the panel of U at hand stay in its
// L2 cache, from the first transform to the last. With many channels U is larger than any cache, and must be used for many
// tiles when it comes by: the threads take each step together over one large block, whose V and M stay in the L3 cache,
// and a thread that holds V[f] in its L2 cache meets each panel of U[f] once.

#include <vector>

#include "engine/infer/conv_method.h"
#include "engine/infer/winograd_tiling.h"

namespace plainsight {
namespace {

/// Bytes of V and M for a block that one thread keeps for itself: half of an L2 cache of 1 MB, U needs the rest.
constexpr std::int64_t kOwnBlockBytes = 512 * 1024;
/// Bytes of V and M for a block that the threads share: half of an L3 cache of 32 MB.
constexpr std::int64_t kSharedBlockBytes = 16 * 1024 * 1024;
/// With more bytes of transformed weights than this, half of that L3 cache, the threads share blocks.
constexpr std::int64_t kShareFromBytes = 16 * 1024 * 1024;

/// The class of frequency f.
int class_of(std::int64_t f) {
  int c = 0;
  while (f >= kWinogradClass[c + 1]) ++c;
  return c;
}

/// Tiles [first, first + count) of a batch, and for each class of frequencies the range of these, counted from `first`.
struct Block {
  std::int64_t images, first, count;
  TileRange ranges[kWinogradClasses];
};

class WinogradMethod final : public ConvPlan::Method {
 public:
  WinogradMethod(const ConvShape& shape, ConstView weight, ConstView bias, int tile,
                 const ConvKernels& kernels);
  std::int64_t workspace_size() const override { return (shared_ ? 1 : threads()) * (v_size() + m_size()); }
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override;

 private:
  Block block_of(std::int64_t images, std::int64_t first, std::int64_t count) const;
  void transform_weights(ConstView weight);
  void transform_inputs(float* v, const float* in, const Block& block, std::int64_t channel_block) const;
  void multiply(float* m, const float* v, const Block& block, std::int64_t f, std::int64_t panel,
                std::int64_t ahead) const;
  void transform_outputs(float* out, const float* m, const Block& block, std::int64_t channel_block) const;
  void run_own_blocks(float* out, const float* in, std::int64_t images, float* workspace) const;
  void run_shared_blocks(float* out, const float* in, std::int64_t images, float* workspace) const;

  std::int64_t frequencies() const { return tiling_.frequencies(); }
  std::int64_t v_size() const { return frequencies() * v_stride_; }
  std::int64_t m_size() const { return frequencies() * m_stride_; }
  std::int64_t panel_size() const { return blocks_ * kChannelBlock * kernels_.panel; }
  std::int64_t strip_size() const { return blocks_ * kernels_.rows * kChannelBlock; }
  /// Rows in each strip of `tiles` but the last: strips of almost equal size, since a last strip of one row would use a
  /// fraction of the multipliers.
  std::int64_t strip_rows(std::int64_t tiles) const {
    const std::int64_t strips = std::max<std::int64_t>((tiles + kernels_.rows - 1) / kernels_.rows, 1);
    return (tiles + strips - 1) / strips;
  }
  /// Channel blocks of the output in panels [0, panel), without those that only fill up the last panel.
  std::int64_t out_blocks(std::int64_t panel) const {
    return std::min(panel * (kernels_.panel / kChannelBlock), channel_blocks(shape_.out_channels));
  }

  ConvShape shape_;
  const ConvKernels& kernels_;
  WinogradTiling tiling_;
  std::int64_t blocks_, panels_;
  bool shared_;
  std::int64_t block_;                ///< most tiles of a block, a multiple of a product's rows
  std::int64_t group_;                ///< panels in M
  std::int64_t v_stride_, m_stride_;  ///< from one frequency to the next
  std::vector<long> offsets_;
  FloatBuffer weights_, bias_;
};

/// An odd number of cache lines: with a power of two, the stores of all frequencies would fall into one set of the cache.
std::int64_t odd_lines(std::int64_t floats) { return (floats / kChannelBlock | 1) * kChannelBlock; }

WinogradMethod::WinogradMethod(const ConvShape& shape, ConstView weight, ConstView bias, int tile,
                               const ConvKernels& kernels)
    : shape_(shape),
      kernels_(kernels),
      tiling_(winograd_side(shape.height, tile), winograd_side(shape.width, tile)),
      blocks_(channel_blocks(shape.in_channels)),
      panels_(round_up(shape.out_channels, kernels.panel) / kernels.panel),
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
        kernels_.winograd.transform_weights(
            weights_.get() + k / kernels_.panel * panel_size() + c * kernels_.panel + k % kernels_.panel,
            stride, tiling_.frequencies(), weight.data + (real > 0 ? (k * shape_.in_channels + c) * 9 : 0),
            shape_.in_channels * 9, static_cast<int>(real));
      }
  });
}

Block WinogradMethod::block_of(std::int64_t images, std::int64_t first, std::int64_t count) const {
  Block block{images, first, count, {}};
  for (int c = 0; c < kWinogradClasses; ++c) {
    const TileRange all = tiling_.of_class(c, images);
    block.ranges[c] = {std::clamp<std::int64_t>(all.begin - first, 0, count),
                       std::clamp<std::int64_t>(all.end - first, 0, count)};
  }
  return block;
}

void WinogradMethod::transform_inputs(float* v, const float* in, const Block& block,
                                      std::int64_t channel_block) const {
  const std::int64_t picture = shape_.height * shape_.width * kChannelBlock;
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
    const WinogradTile tile = tiling_.at(block.first + t, block.images);
    kernels_.winograd.transform_input[tile.large_y][tile.large_x](
        places, v_stride_, in + (tile.image * blocks_ + channel_block) * picture, shape_.height, shape_.width,
        tile.y - 1, tile.x - 1);
  }
}

/// M[f] of one panel; `m` is where the panel's first channel block begins. The panel that this thread will want next is
/// `ahead` panels further in U: the products of this one bring it into the L2 cache, a part each.
void WinogradMethod::multiply(float* m, const float* v, const Block& block, std::int64_t f,
                              std::int64_t panel, std::int64_t ahead) const {
  const TileRange tiles = block.ranges[class_of(f)];
  if (tiles.size() == 0) return;
  const float* weights = weights_.get() + (f * panels_ + panel) * panel_size();
  const float* strip = v + f * v_stride_;
  const std::int64_t rows = strip_rows(tiles.size()), strips = (tiles.size() + rows - 1) / rows;
  const float* next = weights + ahead * panel_size();
  const long next_size = (panel_size() / kChannelBlock / blocks_ + strips - 1) / strips;
  for (std::int64_t t = tiles.begin; t < tiles.end; t += rows) {
    kernels_.product(m + f * m_stride_ + t * kChannelBlock, block_ * kChannelBlock, strip, offsets_.data(),
                     blocks_, weights, static_cast<int>(std::min(rows, tiles.end - t)), {next, next_size});
    strip += strip_size();
    next += next_size * blocks_ * kChannelBlock;
  }
}

/// The results of one channel block of the output; `m` is where it begins.
void WinogradMethod::transform_outputs(float* out, const float* m, const Block& block,
                                       std::int64_t channel_block) const {
  const std::int64_t step = shape_.pool ? 2 : 1, blocks = channel_blocks(shape_.out_channels);
  const std::int64_t height = shape_.height / step, width = shape_.width / step;
  for (std::int64_t t = 0; t < block.count; ++t) {
    const WinogradTile tile = tiling_.at(block.first + t, block.images);
    kernels_.winograd.transform_output[tile.large_y][tile.large_x](
        out + (tile.image * blocks + channel_block) * height * width * kChannelBlock, m + t * kChannelBlock,
        m_stride_, {bias_.get() + channel_block * kChannelBlock, shape_.relu, shape_.pool}, height, width,
        tile.y, tile.x);
  }
}

void WinogradMethod::run_own_blocks(float* out, const float* in, std::int64_t images,
                                    float* workspace) const {
  const std::int64_t tiles = images * tiling_.tiles_of_image(), tasks = (tiles + block_ - 1) / block_;
  share_tasks(tasks, [&](std::int64_t worker, std::int64_t task) {
    float* v = workspace + worker * (v_size() + m_size());
    float* m = v + v_size();
    const std::int64_t first = tiles * task / tasks;
    const Block block = block_of(images, first, tiles * (task + 1) / tasks - first);
    for (std::int64_t b = 0; b < blocks_; ++b) transform_inputs(v, in, block, b);
    for (std::int64_t p = 0; p < panels_; ++p) {
      for (std::int64_t f = 0; f < frequencies(); ++f)
        multiply(m, v, block, f, p, f + 1 < frequencies() ? panels_ : 0);
      for (std::int64_t k = out_blocks(p); k < out_blocks(p + 1); ++k)
        transform_outputs(out, m + (k - out_blocks(p)) * block_ * kChannelBlock, block, k);
    }
  });
}

void WinogradMethod::run_shared_blocks(float* out, const float* in, std::int64_t images,
                                       float* workspace) const {
  float *v = workspace, *m = workspace + v_size();
  const std::int64_t panel_step = kernels_.panel * block_;
  in_even_parts(images * tiling_.tiles_of_image(), block_, [&](std::int64_t first, std::int64_t count) {
    const Block block = block_of(images, first, count);
    share_tasks(blocks_, [&](std::int64_t, std::int64_t b) { transform_inputs(v, in, block, b); });
    share_tasks(frequencies() * panels_, [&](std::int64_t, std::int64_t i) {
      multiply(m + i % panels_ * panel_step, v, block, i / panels_, i % panels_, threads());
    });
    share_tasks(channel_blocks(shape_.out_channels), [&](std::int64_t, std::int64_t k) {
      transform_outputs(out, m + k * block_ * kChannelBlock, block, k);
    });
  });
}

void WinogradMethod::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  if (shared_)
    run_shared_blocks(out, in, images, workspace);
  else
    run_own_blocks(out, in, images, workspace);
}

void WinogradMethod::describe(ConvPlanInfo& info) const {
  info.block = block_;
  info.threads_share_block = shared_;
  info.weight_bytes = frequencies() * panels_ * panel_size() * static_cast<std::int64_t>(sizeof(float));
  std::int64_t rows = 0;  // of all products
  for (int c = 0; c < kWinogradClasses; ++c)
    rows += (kWinogradClass[c + 1] - kWinogradClass[c]) * tiling_.of_class(c, 1).size();
  info.product_flops = 2 * rows * blocks_ * kChannelBlock * panels_ * kernels_.panel;
}

}  // namespace

std::unique_ptr<const ConvPlan::Method> make_winograd(const ConvShape& shape, ConstView weight,
                                                      ConstView bias, int tile, const ConvKernels& kernels) {
  return std::make_unique<WinogradMethod>(shape, weight, bias, tile, kernels);
}

}  // namespace plainsight
