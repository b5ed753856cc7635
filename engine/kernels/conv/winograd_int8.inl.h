// Winograd's products with the digits of gemm_int8.inl.h, but eight products of tiles instead of six: d1
// e2 + d2 e1 too. What is left out then is below 2^-30 of the lanes' largest numbers, the sums of digits are
// exact, and M comes out closer to the true sums than float products bring it. A lane is a tile, or an output
// channel; each block of kKC channels has units of its own.

#pragma once

#include "engine/kernels/conv/conv_product.inl.h"
#include "engine/kernels/gemm/gemm_int8.inl.h"

static_assert(kConvPanel == kPanel, "a panel of U is one of B");

static long panel_size(long depth) { return packed_depth(depth) * kPanel; }

// V [channel block][tile][16] becomes panels of A.
static void pack_tiles(float* panels, const float* v, long block_stride, long tiles, long depth) {
  for (; tiles > 0; tiles -= kPanel, v += kPanel * kChannelBlock, panels += panel_size(depth)) {
    const long lanes = tiles < kPanel ? tiles : kPanel, blocks = depth / kChannelBlock;
    alignas(64) int max_bits[kPanel] = {};
    alignas(64) float scale[kPanel];
    for (long lane = 0; lane < lanes; ++lane) {
      vi bits = {};
      for (long b = 0; b < blocks; ++b)
        bits = max_magnitude(bits, load(v + b * block_stride + lane * kChannelBlock));
      max_bits[lane] = largest_of(bits);
    }
    for (int lane = 0; lane < kPanel; lane += kWidth)
      store(scale + lane, quantisation_factors(load_ints(max_bits + lane), panels + lane));
    float* group = panels + kPanel;
    for (long b = 0; b < blocks; b += 4, group += kGroupFloats)
      for (long lane = 0; lane < kPanel; ++lane) {
        vf x[4] = {};
        for (long i = 0; i < 4 && b + i < blocks && lane < lanes; ++i)
          x[i] = load(v + (b + i) * block_stride + lane * kChannelBlock);
        store_slices(group + lane * kWidth, x, broadcast(scale[lane]));
      }
  }
}

// U [channel][32] becomes a panel of B.
static void pack_weights(float* panel, const float* u, long depth) {
  pack_depth_strided(panel, u, kPanel, kPanel, depth);
}

static void multiply_tiles(float* m, long block_stride, const float* a, const float* b, long tiles,
                           long depth, bool accumulate, Prefetch next) {
  alignas(64) Sums sums;
  const long groups = (depth + kGroup - 1) / kGroup, products = (tiles + kPanel - 1) / kPanel * groups * 8;
  next.lines = (next.lines + products - 1) / products;  // with each
  _tile_loadconfig(&kTileConfig);
  for (long t = 0; t < tiles; t += kPanel, a += panel_size(depth)) {
    const long rows = tiles - t < kPanel ? tiles - t : kPanel;
    const auto sum = rows > kPanel / 2 ? sum_products<kSlices + 1, 2> : sum_products<kSlices + 1, 1>;
    sum(sums, a, b, groups, next);
    for (long r = 0; r < rows; ++r)
      for (int i = 0; i < kPanel; i += kWidth) {
        float* to = m + i / kChannelBlock * block_stride + (t + r) * kChannelBlock;
        const vf value = value_of<kSlices + 1>(sums, r, i) * a[r] * load(b + i);
        store(to, accumulate ? load(to) + value : value);
      }
  }
  _tile_release();
}

static constexpr WinogradDigitKernels kDigitKernels = {.panel = kPanel,
                                                       .depth = kKC,
                                                       .panel_size = panel_size,
                                                       .pack_tiles = pack_tiles,
                                                       .pack_weights = pack_weights,
                                                       .multiply = multiply_tiles};
