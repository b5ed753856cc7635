#include "engine/infer/winograd_blocking.h"

#include <algorithm>

#include "engine/base/round.h"

namespace plainsight {
namespace {

/// V and M of a per-thread block, in bytes: half of an L2 cache of 1 MB; the panels of U pass through the
/// other half. Measured from 344 KB to 2 MB: within 5 %.
constexpr std::int64_t kThreadBlockBytes = 512 * 1024;
/// Fewest tiles of a per-thread block, even if V and M then exceed the limit. A block of t tiles streams U
/// from L3 at 128 bytes in t cycles (one channel: 2 t multiply-adds of 16 floats, two a cycle). With fewer
/// tiles, L3 does not deliver that.
constexpr std::int64_t kLeastTiles = 12;
/// V and M of a cooperative block, in bytes: all of a small server's L3. U, streamed from memory once per
/// block, is the larger part of the traffic, so some misses of V and M cost less than smaller blocks.
constexpr std::int64_t kCooperativeBlockBytes = 32 * 1024 * 1024;
/// Transformed weights above this, half of that L3, do not stay there between blocks: cooperative blocking.
constexpr std::int64_t kCooperativeFromBytes = 16 * 1024 * 1024;
/// Fewest input channels for int8 products: below this, moving V and M through the caches costs more than
/// the multiplications.
constexpr std::int64_t kInt8FromChannels = 256;

}  // namespace

WinogradBlocking choose_winograd_blocking(const ConvShape& shape, const WinogradTiling& tiling,
                                          const ConvKernels& kernels) {
  constexpr std::int64_t kFloat = sizeof(float);
  const std::int64_t in = round_up(shape.in_channels, kChannelBlock);
  const std::int64_t out = round_up(shape.out_channels, kernels.panel);
  const bool int8 = kernels.winograd_int8 != nullptr && in >= kInt8FromChannels;
  const bool cooperative = int8 || tiling.frequencies() * in * out * kFloat > kCooperativeFromBytes;
  const std::int64_t rows = int8 ? kernels.winograd_int8->panel : kernels.rows;  // tiles of one product
  const std::int64_t out_at_once = cooperative ? out : kernels.panel;
  const std::int64_t tile_bytes = tiling.frequencies() * (in + out_at_once) * kFloat;  // of V and M
  const std::int64_t fit = (cooperative ? kCooperativeBlockBytes : kThreadBlockBytes) / tile_bytes;
  return {.cooperative = cooperative,
          .int8 = int8,
          .tiles = std::max(std::max(fit, kLeastTiles) / rows, std::int64_t{1}) * rows,
          .panels_of_m = out_at_once / kernels.panel};
}

}  // namespace plainsight
