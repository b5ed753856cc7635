// Winograd's convolution: two schedules for the three steps of winograd_steps.h.
//
// With few channels a thread takes a block of tiles for itself: V, M and the panel of U at hand stay in its
// L2 cache, from the first transform to the last. With many channels U is larger than any cache, and must be
// used for many tiles when it comes by: the threads take each step together over one large block, whose V and
// M stay in the L3 cache, and a thread that holds V[f] in its L2 cache meets each panel of U[f] once.

#include "engine/infer/conv_method.h"
#include "engine/infer/winograd_steps.h"

namespace plainsight {
namespace {

using Piece = ConvPlan::Piece;
using Block = WinogradBlock;

/// Bytes of V and M for a block that one thread keeps for itself: half of an L2 cache of 1 MB, U needs the
/// rest.
constexpr std::int64_t kOwnBlockBytes = 512 * 1024;
/// Tiles of a block even so: each block reads all of U, and with fewer tiles that would take longer than
/// their products.
constexpr std::int64_t kLeastTiles = 12;
/// Bytes of V and M for a block that the threads share. They do not all stay in an L3 cache of 32 MB, but U,
/// which comes from memory for each block, is the larger part of the traffic.
constexpr std::int64_t kSharedBlockBytes = 32 * 1024 * 1024;
/// Rows of tiles in a block that takes the layer before piece by piece.
constexpr std::int64_t kPieceRows = 2;
/// With more bytes of transformed weights than this, half of that L3 cache, the threads share blocks.
constexpr std::int64_t kShareFromBytes = 16 * 1024 * 1024;
/// Input channels from which products go to a matrix unit: with fewer, V's and M's way through the caches
/// takes longer than they.
constexpr std::int64_t kDigitsFromChannels = 256;

WinogradBlocking choose_blocking(const ConvShape& shape, const WinogradTiling& tiling,
                                 const ConvKernels& kernels) {
  const std::int64_t float_size = static_cast<std::int64_t>(sizeof(float));
  const std::int64_t in = round_up(shape.in_channels, kChannelBlock);
  const std::int64_t out = round_up(shape.out_channels, kernels.panel);
  const bool digits = kernels.winograd_digits != nullptr && in >= kDigitsFromChannels;
  const bool shared = digits || tiling.frequencies() * in * out * float_size > kShareFromBytes;
  const std::int64_t rows = digits ? kernels.winograd_digits->panel : kernels.rows;
  const std::int64_t out_at_once = shared ? out : kernels.panel;
  const std::int64_t tile_bytes = tiling.frequencies() * (in + out_at_once) * float_size;
  const std::int64_t fit = (shared ? kSharedBlockBytes : kOwnBlockBytes) / tile_bytes;
  return {shared, std::max(std::max(fit, kLeastTiles) / rows, std::int64_t{1}) * rows,
          out_at_once / kernels.panel, digits};
}

class WinogradMethod final : public ConvPlan::Method {
 public:
  WinogradMethod(const ConvShape& shape, ConstView weight, ConstView bias, int tile,
                 const ConvKernels& kernels)
      : shape_(shape),
        kernels_(kernels),
        tiling_(winograd_side(shape.height, tile), winograd_side(shape.width, tile)),
        blocking_(choose_blocking(shape, tiling_, kernels)),
        steps_(shape, weight, bias, tiling_, blocking_, kernels) {}
  std::int64_t workspace_size() const override {
    return (blocking_.shared ? 1 : threads()) * block_size() + threads() * steps_.digits_size();
  }
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void run_products(std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override;
  /// Pieces must not overhang the picture by more than one pixel.
  bool takes_pieces() const override {
    return !blocking_.shared && tiling_.rows().size() == shape_.height &&
           tiling_.columns().size() == shape_.width;
  }
  std::int64_t workspace_size_after(const Method& first) const override;
  void run_after(const Method& first, float* out, const float* in, std::int64_t images,
                 float* workspace) const override;

 private:
  void multiply_own(float* m, const float* v, const Block& block, std::int64_t panel) const;
  void multiply_shared(float* v, const Block& block) const;
  template <class F>
  void for_blocks(std::int64_t images, float* workspace, F&& f) const;
  void run_own_block(const Pixels<float>& out, const Pixels<const float>& in, const Block& block,
                     float* v) const;
  void run_shared_block(const Pixels<float>& out, const Pixels<const float>& in, const Block& block,
                        float* v) const;
  Pixels<float> output(float* out) const;
  std::int64_t block_size() const { return steps_.v_size() + steps_.m_size(); }
  std::int64_t piece_size() const;

  ConvShape shape_;
  const ConvKernels& kernels_;
  WinogradTiling tiling_;
  WinogradBlocking blocking_;
  WinogradSteps steps_;
};

/// The products of one panel, for a thread's own block.
void WinogradMethod::multiply_own(float* m, const float* v, const Block& block, std::int64_t panel) const {
  for (std::int64_t f = 0; f < tiling_.frequencies(); ++f) steps_.multiply(m, v, block, f, panel, 0);
}

/// All products of a shared block. A thread takes every so many panels of one frequency, or with a matrix
/// unit all of them: V[f] stays in its L2 cache.
void WinogradMethod::multiply_shared(float* v, const Block& block) const {
  float* m = v + steps_.v_size();
  if (blocking_.digits)
    return share_tasks(tiling_.frequencies(), [&](std::int64_t worker, std::int64_t f) {
      steps_.multiply_digits(m, v, block, f, v + block_size() + worker * steps_.digits_size());
    });
  share_tasks(tiling_.frequencies() * steps_.panels(), [&](std::int64_t, std::int64_t i) {
    const std::int64_t f = i / steps_.panels(), panel = i % steps_.panels();
    steps_.multiply(m + panel * kernels_.panel * blocking_.tiles, v, block, f, panel, threads());
  });
}

/// All three steps for a block that this thread keeps for itself.
void WinogradMethod::run_own_block(const Pixels<float>& out, const Pixels<const float>& in,
                                   const Block& block, float* v) const {
  float* m = v + steps_.v_size();
  for (std::int64_t b = 0; b < steps_.in_blocks(); ++b) steps_.transform_inputs(v, in, block, b);
  for (std::int64_t p = 0; p < steps_.panels(); ++p) {
    multiply_own(m, v, block, p);
    for (std::int64_t k = steps_.out_blocks(p); k < steps_.out_blocks(p + 1); ++k)
      steps_.transform_outputs(out, m + (k - steps_.out_blocks(p)) * blocking_.tiles * kChannelBlock, block,
                               k);
  }
}

void WinogradMethod::run_shared_block(const Pixels<float>& out, const Pixels<const float>& in,
                                      const Block& block, float* v) const {
  float* m = v + steps_.v_size();
  share_tasks(steps_.in_blocks(),
              [&](std::int64_t, std::int64_t b) { steps_.transform_inputs(v, in, block, b); });
  multiply_shared(v, block);
  share_tasks(channel_blocks(shape_.out_channels), [&](std::int64_t, std::int64_t k) {
    steps_.transform_outputs(out, m + k * blocking_.tiles * kChannelBlock, block, k);
  });
}

Pixels<float> WinogradMethod::output(float* out) const {
  const std::int64_t step = shape_.pool ? 2 : 1;
  return {out, channel_blocks(shape_.out_channels), shape_.height / step, shape_.width / step};
}

/// Calls f(block, v) for each block of the batch: one after another if threads share them, otherwise on the
/// threads, where v is the thread's own workspace.
template <class F>
void WinogradMethod::for_blocks(std::int64_t images, float* workspace, F&& f) const {
  const std::int64_t tiles = images * tiling_.tiles_of_image(), blocks = ceil_div(tiles, blocking_.tiles);
  const auto one = [&](std::int64_t worker, std::int64_t i) {
    const std::int64_t first = tiles * i / blocks, end = tiles * (i + 1) / blocks;
    f(Block(tiling_, images, first, end - first), workspace + worker * block_size());
  };
  if (!blocking_.shared) return share_tasks(blocks, one);
  for (std::int64_t i = 0; i < blocks; ++i) one(0, i);
}

void WinogradMethod::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  const Pixels<const float> from{in, steps_.in_blocks(), shape_.height, shape_.width};
  for_blocks(images, workspace, [&](const Block& block, float* v) {
    if (blocking_.shared)
      run_shared_block(output(out), from, block, v);
    else
      run_own_block(output(out), from, block, v);
  });
}

void WinogradMethod::run_products(std::int64_t images, float* workspace) const {
  for_blocks(images, workspace, [&](const Block& block, float* v) {
    if (blocking_.shared) return multiply_shared(v, block);
    for (std::int64_t p = 0; p < steps_.panels(); ++p) multiply_own(v + steps_.v_size(), v, block, p);
  });
}

/// The pixels around kPieceRows x (blocking_.tiles / kPieceRows) tiles of 6.
std::int64_t WinogradMethod::piece_size() const {
  return steps_.in_blocks() * kChannelBlock * (6 * kPieceRows + 2) * (6 * (blocking_.tiles / kPieceRows) + 2);
}

std::int64_t WinogradMethod::workspace_size_after(const Method& first) const {
  return threads() * (piece_size() + first.piece_workspace_size() + block_size());
}

/// Blocks are rectangles of tiles here, so that the layer before has few results to compute twice.
void WinogradMethod::run_after(const Method& first, float* out, const float* in, std::int64_t images,
                               float* workspace) const {
  const std::int64_t columns = blocking_.tiles / kPieceRows;
  const std::int64_t down = ceil_div(tiling_.rows().tiles(), kPieceRows);
  const std::int64_t across = ceil_div(tiling_.columns().tiles(), columns);
  share_tasks(images * down * across, [&](std::int64_t worker, std::int64_t task) {
    float* v = workspace + worker * (piece_size() + first.piece_workspace_size() + block_size());
    float *piece = v + block_size(), *space = piece + piece_size();
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
    run_own_block(to, {piece, steps_.in_blocks(), around.rows, around.columns, 1, 1},
                  Block(tiling, 1, 0, tiling.tiles_of_image()), v);
  });
}

void WinogradMethod::describe(ConvPlanInfo& info) const {
  if (tiling_.frequencies() == kWinogradClass[1]) info.tile = 4;
  if (tiling_.rows().small + tiling_.columns().small == 0) info.tile = 6;
  info.block = blocking_.tiles;
  info.threads_share_block = blocking_.shared;
  info.matrix_unit = blocking_.digits;
  info.weight_bytes = steps_.weight_bytes();
  info.product_flops = steps_.product_flops();
}

}  // namespace

std::unique_ptr<const ConvPlan::Method> make_winograd(const ConvShape& shape, ConstView weight,
                                                      ConstView bias, int tile, const ConvKernels& kernels) {
  return std::make_unique<WinogradMethod>(shape, weight, bias, tile, kernels);
}

}  // namespace plainsight
