#include "engine/infer/fused_conv_pair.h"

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/infer/direct_conv.h"
#include "engine/infer/layout.h"
#include "engine/infer/winograd_conv.h"

namespace plainsight {
namespace {

/// Rows of tiles in a block. With the usual 14 tiles a block has 2 x 7: the patch of 14 x 44 pixels that it
/// reads has 22 % more pixels than the 12 x 42 that it covers (1 x 14 would have 36 % more).
constexpr std::int64_t kTileRows = 2;

/// Some of the tiles of a side, and the position of their first result.
struct Span {
  std::int64_t begin;
  WinogradSide tiles;
};

/// Part `i` of `parts` with almost equal numbers of tiles.
Span part_of(const WinogradSide& side, std::int64_t i, std::int64_t parts) {
  const std::int64_t first = side.tiles() * i / parts, end = side.tiles() * (i + 1) / parts;
  return {side.first(first).size(), side.first(end).from(first)};
}

const DirectConv* direct(const ConvPlan& plan) { return dynamic_cast<const DirectConv*>(&plan.method()); }
const WinogradConv* winograd(const ConvPlan& plan) {
  return dynamic_cast<const WinogradConv*>(&plan.method());
}

}  // namespace

bool FusedConvPair::can_fuse(const ConvPlan& first, const ConvPlan& second) {
  const ConvShape &a = first.shape(), &b = second.shape();
  const WinogradConv* w = winograd(second);
  return direct(first) != nullptr && w != nullptr && !a.pool && a.out_channels == b.in_channels &&
         a.height == b.height && a.width == b.width && !w->blocking().cooperative &&
         w->tiling().rows().size() == b.height && w->tiling().columns().size() == b.width;
}

FusedConvPair::FusedConvPair(const ConvPlan& first, const ConvPlan& second)
    : first_(direct(first)), second_(winograd(second)) {
  require(can_fuse(first, second), "FusedConvPair: these layers cannot be fused");
}

/// The pixels that a block of kTileRows rows of 6 x 6 tiles reads, with their halo.
std::int64_t FusedConvPair::patch_size() const {
  const std::int64_t columns = second_->blocking().tiles / kTileRows;
  return channel_blocks(first_->shape().out_channels) * kChannelBlock * (6 * kTileRows + 2) *
         (6 * columns + 2);
}

std::int64_t FusedConvPair::worker_size() const {
  return second_->block_size() + patch_size() + first_->patch_workspace_size();
}

std::int64_t FusedConvPair::workspace_size() const { return threads() * worker_size(); }

void FusedConvPair::run(View out, ConstView in, View workspace) const {
  const std::int64_t images = in.rows();
  require(in.shape == first_->shape().in_shape(images), "FusedConvPair::run: wrong input shape");
  require(out.shape == second_->shape().out_shape(images), "FusedConvPair::run: wrong output shape");
  require(workspace.size() >= workspace_size(), "FusedConvPair::run: workspace too small");
  if (out.size() == 0) return;
  const WinogradTiling& tiling = second_->tiling();
  const std::int64_t down = ceil_div(tiling.rows().tiles(), kTileRows);  // blocks of an image
  const std::int64_t across = ceil_div(tiling.columns().tiles(), second_->blocking().tiles / kTileRows);
  parallel_tasks(images * down * across, [&](std::int64_t worker, std::int64_t task) {
    float* block_space = workspace.data + worker * worker_size();
    float* patch_data = block_space + second_->block_size();
    float* first_space = patch_data + patch_size();
    const std::int64_t image = task / (down * across), i = task / across % down, j = task % across;
    const Span rows = part_of(tiling.rows(), i, down), columns = part_of(tiling.columns(), j, across);
    // The first layer: the block's pixels with a halo of one pixel, into L2.
    const Patch patch{rows.begin - 1, columns.begin - 1, rows.tiles.size() + 2, columns.tiles.size() + 2};
    first_->run_patch(patch_data, in.row(image), patch, first_space);
    // The second layer: a tiling of these tiles only. Its pixel (0, 0) is pixel (1, 1) of the patch.
    const WinogradTiling tiles(rows.tiles, columns.tiles);
    const Pixels<const float> from{
        patch_data, channel_blocks(first_->shape().out_channels), patch.rows, patch.columns, 1, 1};
    Pixels<float> to = second_->output(out.row(image));
    to.y = rows.begin, to.x = columns.begin;
    second_->run_thread_block(to, from, WinogradBlock(tiles, 1, 0, tiles.tiles_of_image()), block_space);
  });
}

}  // namespace plainsight
