// Winograd's convolution: V = B^T d B for each input tile, M[f] = U[f] V[f] for each of the frequencies f, and
// y = A^T M A, with bias, ReLU and pool in the last step. docs/math/winograd.md has the derivation and the blocking.
//
//   V [f][strip][channel block][row][16]   a block of tiles, in strips of as many rows as a product has
//   U [f][panel][channel][panel width]     the transformed weights; [panel][f] for a thread's own blocks
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
#include "engine/infer/winograd_block.h"

namespace plainsight {
namespace {

using Piece = ConvPlan::Piece;
using Block = WinogradBlock;

/// Bytes of V and M for a block that one thread keeps for itself: half of an L2 cache of 1 MB, U needs the rest.
constexpr std::int64_t kOwnBlockBytes = 512 * 1024;
/// Tiles of a block even so: each block reads all of U, and with fewer tiles that would take longer than their products.
constexpr std::int64_t kLeastTiles = 12;
/// Bytes of V and M for a block that the threads share. They do not all stay in an L3 cache of 32 MB, but U, which comes
/// from memory for each block, is the larger part of the traffic.
constexpr std::int64_t kSharedBlockBytes = 32 * 1024 * 1024;
/// Rows of tiles in a block that takes the layer before piece by piece.
constexpr std::int64_t kPieceRows = 2;
/// With more bytes of transformed weights than this, half of that L3 cache, the threads share blocks.
constexpr std::int64_t kShareFromBytes = 16 * 1024 * 1024;

class WinogradMethod final : public ConvPlan::Method {
 public:
  WinogradMethod(const ConvShape& shape, ConstView weight, ConstView bias, int tile,
                 const ConvKernels& kernels);
  std::int64_t workspace_size() const override { return (shared_ ? 1 : threads()) * (v_size() + m_size()); }
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void run_products(std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override;
  /// Pieces must not overhang the picture by more than one pixel.
  bool takes_pieces() const override {
    return !shared_ && tiling_.rows().size() == shape_.height && tiling_.columns().size() == shape_.width;
  }
  std::int64_t workspace_size_after(const Method& first) const override;
  void run_after(const Method& first, float* out, const float* in, std::int64_t images,
                 float* workspace) const override;

 private:
  void transform_weights(ConstView weight);
  void transform_inputs(float* v, const Pixels<const float>& in, const Block& block,
                        std::int64_t channel_block) const;
  void multiply(float* m, const float* v, const Block& block, std::int64_t f, std::int64_t panel,
                std::int64_t ahead) const;
  void transform_outputs(const Pixels<float>& out, const float* m, const Block& block,
                         std::int64_t channel_block) const;
  void multiply_own(float* m, const float* v, const Block& block, std::int64_t panel) const;
  void multiply_shared(float* m, const float* v, const Block& block) const;
  template <class F>
  void for_blocks(std::int64_t images, float* workspace, F&& f) const;
  void run_own_block(const Pixels<float>& out, const Pixels<const float>& in, const Block& block,
                     float* v) const;
  void run_shared_block(const Pixels<float>& out, const Pixels<const float>& in, const Block& block,
                        float* v) const;
  Pixels<float> output(float* out) const;
  std::int64_t piece_size() const;
  /// Where the weights of a frequency's panel begin: each schedule meets them one after another.
  std::int64_t panel_at(std::int64_t f, std::int64_t panel) const {
    return (shared_ ? f * panels_ + panel : panel * frequencies() + f) * panel_size();
  }

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
  const std::int64_t fit = (shared_ ? kSharedBlockBytes : kOwnBlockBytes) / tile_bytes;
  block_ = std::max(std::max(fit, kLeastTiles) / kernels.rows, std::int64_t{1}) * kernels.rows;
  v_stride_ = odd_lines(block_ / kernels.rows * strip_size());
  m_stride_ = odd_lines(group_ * kernels.panel * block_);
  for (std::int64_t b = 0; b < blocks_; ++b) offsets_.push_back(b * kernels.rows * kChannelBlock);
  transform_weights(weight);
}

void WinogradMethod::transform_weights(ConstView weight) {
  const std::int64_t channels = blocks_ * kChannelBlock, stride = panel_at(1, 0);
  weights_ = allocate_floats_uninitialized(static_cast<std::size_t>(frequencies() * panels_ * panel_size()));
  parallel_for(panels_ * kernels_.panel / kChannelBlock, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin * kChannelBlock; k < end * kChannelBlock; k += kChannelBlock)
      for (std::int64_t c = 0; c < channels; ++c) {
        // Channels that only fill up a block or a panel have weights of zero.
        const std::int64_t real =
            c < shape_.in_channels ? std::clamp<std::int64_t>(shape_.out_channels - k, 0, kChannelBlock) : 0;
        kernels_.winograd.transform_weights(
            weights_.get() + panel_at(0, k / kernels_.panel) + c * kernels_.panel + k % kernels_.panel,
            stride, tiling_.frequencies(), weight.data + (real > 0 ? (k * shape_.in_channels + c) * 9 : 0),
            shape_.in_channels * 9, static_cast<int>(real));
      }
  });
}

void WinogradMethod::transform_inputs(float* v, const Pixels<const float>& in, const Block& block,
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

/// M[f] of one panel; `m` is where the panel's first channel block begins. The panel that this thread will want next is
/// `ahead` panels further in U: the products of this one bring it into the L2 cache, a part each.
void WinogradMethod::multiply(float* m, const float* v, const Block& block, std::int64_t f,
                              std::int64_t panel, std::int64_t ahead) const {
  const TileRange tiles = block.of_frequency(f);
  if (tiles.size() == 0) return;
  const float* weights = weights_.get() + panel_at(f, panel);
  const float* strip = v + f * v_stride_;
  const std::int64_t rows = strip_rows(tiles.size()), strips = (tiles.size() + rows - 1) / rows;
  const float* next = weights + ahead * panel_size();
  const long next_size = ahead == 0 ? 0 : (panel_size() / kChannelBlock / blocks_ + strips - 1) / strips;
  for (std::int64_t t = tiles.begin; t < tiles.end; t += rows) {
    kernels_.product(m + f * m_stride_ + t * kChannelBlock, block_ * kChannelBlock, strip, offsets_.data(),
                     blocks_, weights, static_cast<int>(std::min(rows, tiles.end - t)), {next, next_size});
    strip += strip_size();
    next += next_size * blocks_ * kChannelBlock;
  }
}

/// The results of one channel block of the output; `m` is where it begins.
void WinogradMethod::transform_outputs(const Pixels<float>& out, const float* m, const Block& block,
                                       std::int64_t channel_block) const {
  const ConvEpilogue epilogue{bias_.get() + channel_block * kChannelBlock, shape_.relu, shape_.pool};
  for (std::int64_t t = 0; t < block.count; ++t) {
    const WinogradTile tile = block.at(t);
    kernels_.winograd.transform_output[tile.large_y][tile.large_x](
        out.plane(tile.image, channel_block), m + t * kChannelBlock, m_stride_, epilogue, out.height,
        out.width, out.y + tile.y, out.x + tile.x);
  }
}

/// The products of one panel, for a thread's own block.
void WinogradMethod::multiply_own(float* m, const float* v, const Block& block, std::int64_t panel) const {
  for (std::int64_t f = 0; f < frequencies(); ++f) multiply(m, v, block, f, panel, 0);
}

/// All products of a shared block. A thread takes every so many panels of one frequency: V[f] stays in its L2 cache.
void WinogradMethod::multiply_shared(float* m, const float* v, const Block& block) const {
  share_tasks(frequencies() * panels_, [&](std::int64_t, std::int64_t i) {
    multiply(m + i % panels_ * kernels_.panel * block_, v, block, i / panels_, i % panels_, threads());
  });
}

/// All three steps for a block that this thread keeps for itself.
void WinogradMethod::run_own_block(const Pixels<float>& out, const Pixels<const float>& in,
                                   const Block& block, float* v) const {
  float* m = v + v_size();
  for (std::int64_t b = 0; b < blocks_; ++b) transform_inputs(v, in, block, b);
  for (std::int64_t p = 0; p < panels_; ++p) {
    multiply_own(m, v, block, p);
    for (std::int64_t k = out_blocks(p); k < out_blocks(p + 1); ++k)
      transform_outputs(out, m + (k - out_blocks(p)) * block_ * kChannelBlock, block, k);
  }
}

void WinogradMethod::run_shared_block(const Pixels<float>& out, const Pixels<const float>& in,
                                      const Block& block, float* v) const {
  float* m = v + v_size();
  share_tasks(blocks_, [&](std::int64_t, std::int64_t b) { transform_inputs(v, in, block, b); });
  multiply_shared(m, v, block);
  share_tasks(channel_blocks(shape_.out_channels), [&](std::int64_t, std::int64_t k) {
    transform_outputs(out, m + k * block_ * kChannelBlock, block, k);
  });
}

Pixels<float> WinogradMethod::output(float* out) const {
  const std::int64_t step = shape_.pool ? 2 : 1;
  return {out, channel_blocks(shape_.out_channels), shape_.height / step, shape_.width / step};
}

/// Calls f(block, v) for each block of the batch: one after another if threads share them, otherwise on the threads, where v
/// is the thread's own workspace.
template <class F>
void WinogradMethod::for_blocks(std::int64_t images, float* workspace, F&& f) const {
  const std::int64_t tiles = images * tiling_.tiles_of_image(), blocks = (tiles + block_ - 1) / block_;
  const auto one = [&](std::int64_t worker, std::int64_t i) {
    const std::int64_t first = tiles * i / blocks, end = tiles * (i + 1) / blocks;
    f(Block(tiling_, images, first, end - first), workspace + worker * (v_size() + m_size()));
  };
  if (!shared_) return share_tasks(blocks, one);
  for (std::int64_t i = 0; i < blocks; ++i) one(0, i);
}

void WinogradMethod::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  const Pixels<const float> from{in, blocks_, shape_.height, shape_.width};
  for_blocks(images, workspace, [&](const Block& block, float* v) {
    if (shared_)
      run_shared_block(output(out), from, block, v);
    else
      run_own_block(output(out), from, block, v);
  });
}

void WinogradMethod::run_products(std::int64_t images, float* workspace) const {
  for_blocks(images, workspace, [&](const Block& block, float* v) {
    if (shared_) return multiply_shared(v + v_size(), v, block);
    for (std::int64_t p = 0; p < panels_; ++p) multiply_own(v + v_size(), v, block, p);
  });
}

/// The pixels around kPieceRows x (block_ / kPieceRows) tiles of 6.
std::int64_t WinogradMethod::piece_size() const {
  return blocks_ * kChannelBlock * (6 * kPieceRows + 2) * (6 * (block_ / kPieceRows) + 2);
}

std::int64_t WinogradMethod::workspace_size_after(const Method& first) const {
  return threads() * (piece_size() + first.piece_workspace_size() + v_size() + m_size());
}

/// Blocks are rectangles of tiles here, so that the layer before has few results to compute twice.
void WinogradMethod::run_after(const Method& first, float* out, const float* in, std::int64_t images,
                               float* workspace) const {
  const std::int64_t columns = block_ / kPieceRows;
  const std::int64_t down = (tiling_.rows().tiles() + kPieceRows - 1) / kPieceRows;
  const std::int64_t across = (tiling_.columns().tiles() + columns - 1) / columns;
  share_tasks(images * down * across, [&](std::int64_t worker, std::int64_t task) {
    float* v = workspace + worker * (piece_size() + first.piece_workspace_size() + v_size() + m_size());
    float *piece = v + v_size() + m_size(), *space = piece + piece_size();
    const std::int64_t image = task / (down * across), i = task / across % down, j = task % across;
    const auto part = [](const WinogradSide& side, std::int64_t n, std::int64_t parts) {
      const std::int64_t begin = side.tiles() * n / parts, end = side.tiles() * (n + 1) / parts;
      return std::pair(side.first(begin).size(), side.first(end).from(begin));
    };
    const auto [y, tile_rows] = part(tiling_.rows(), i, down);
    const auto [x, tile_columns] = part(tiling_.columns(), j, across);
    const Piece around{y - 1, x - 1, tile_rows.size() + 2, tile_columns.size() + 2};
    first.run_piece(piece, in + image * first.image_size(), around, space);
    const WinogradTiling tiling(tile_rows, tile_columns);
    Pixels<float> to = output(out);
    to.data = to.plane(image, 0), to.y = y, to.x = x;
    run_own_block(to, {piece, blocks_, around.rows, around.columns, 1, 1},
                  Block(tiling, 1, 0, tiling.tiles_of_image()), v);
  });
}

void WinogradMethod::describe(ConvPlanInfo& info) const {
  if (frequencies() == kWinogradClass[1]) info.tile = 4;
  if (tiling_.rows().small + tiling_.columns().small == 0) info.tile = 6;
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
