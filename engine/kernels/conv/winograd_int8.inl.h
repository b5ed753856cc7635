// Winograd's products on AMX's int8 tiles: the slices and scales of gemm_int8.inl.h, but eight slice products
// instead of six, since d1 e2 + d2 e1 count too. Only d2 e2 is left out, below 2^-30 max |a| max |b|, and the
// sums are exact: M is closer to the true sums than float products would bring it. A row of A is a tile, a
// column of B an output channel. Each block of kKC channels has separate scales.

#pragma once

#include "engine/kernels/conv/conv_product.inl.h"
#include "engine/kernels/gemm/gemm_int8.inl.h"

static_assert(kConvPanel == kPanel, "a panel of U is one of B");

static long panel_size(long depth) { return packed_depth(depth) * kPanel; }

// Packs V [channel block][tile][16] as panels of A.
static void pack_tiles(float* panels, const float* v, long block_stride, long tiles, long depth) {
  for (; tiles > 0; tiles -= kPanel, v += kPanel * kChannelBlock, panels += panel_size(depth)) {
    const long rows = tiles < kPanel ? tiles : kPanel, blocks = depth / kChannelBlock;
    alignas(64) int max_bits[kPanel] = {};
    alignas(64) float scale[kPanel];
    for (long row = 0; row < rows; ++row) {
      vi bits = {};
      for (long b = 0; b < blocks; ++b)
        bits = max_magnitude(bits, load(v + b * block_stride + row * kChannelBlock));
      max_bits[row] = largest_of(bits);
    }
    for (int row = 0; row < kPanel; row += kWidth)
      store(scale + row, quantisation_factors(load_ints(max_bits + row), panels + row));
    float* group = panels + kPanel;
    for (long b = 0; b < blocks; b += 4, group += kGroupFloats)
      for (long row = 0; row < kPanel; ++row) {
        vf x[4] = {};
        for (long i = 0; i < 4 && b + i < blocks && row < rows; ++i)
          x[i] = load(v + (b + i) * block_stride + row * kChannelBlock);
        store_slices(group + row * kWidth, x, broadcast(scale[row]));
      }
  }
}

// Packs U [channel][32] as a panel of B.
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

static constexpr WinogradInt8Kernels kWinogradInt8Kernels = {.panel = kPanel,
                                                             .depth = kKC,
                                                             .panel_size = panel_size,
                                                             .pack_tiles = pack_tiles,
                                                             .pack_weights = pack_weights,
                                                             .multiply = multiply_tiles};
