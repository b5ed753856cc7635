// Packing of float operands into micro-panels (contract: gemm_kernels.h). "Row" means a row of A or a column
// of B. A panel is panel[k][W], W rows wide.
#pragma once

#include "engine/kernels/simd/simd.inl.h"

// Packs one panel, of whose W rows `rows` exist, from rows contiguous along the depth: blocks of kWidth x
// kWidth are transposed in registers. A store of kWidth rows may reach up to kWidth - 1 floats past its panel
// row; the store of the next k overwrites that. Each row of a block lies in another page, which the hardware
// prefetcher does not follow, so this prefetches the rows of the next panel.
template <int W>
static void pack_panel_transposed(float* panel, const float* src, long row_stride, long rows, long depth) {
  constexpr int kBlocks = (W + kWidth - 1) / kWidth;
  long k = 0;
  for (; k + kWidth <= depth; k += kWidth) {
    vf block[kBlocks][kWidth];
    for (int v = 0; v < kBlocks; ++v) {
      PLAINSIGHT_UNROLL
      for (int i = 0; i < kWidth; ++i) {
        const int row = v * kWidth + i;
        block[v][i] = row < W && row < rows ? load(src + row * row_stride + k) : vf{};
        if (row < W) __builtin_prefetch(src + (row + W) * row_stride + k);
      }
      transpose(block[v]);
    }
    for (int i = 0; i < kWidth; ++i)
      for (int v = 0; v < kBlocks; ++v) store(panel + (k + i) * W + v * kWidth, block[v][i]);
  }
  for (; k < depth; ++k)
    for (int i = 0; i < W; ++i) panel[k * W + i] = i < rows ? src[i * row_stride + k] : 0.0f;
}

// Packs rows that are contiguous for one k: reads src line by line and deals it out to a few panels at
// a time.
template <int W>
static void pack_panels_copied(float* panels, const float* src, long depth_stride, long rows, long depth,
                               long panel_stride) {
  for (long k = 0; k < depth; ++k, src += depth_stride) {
    float* to = panels + k * W;
    long row = 0;
    for (; row + W <= rows; row += W, to += panel_stride) {
      for (int i = 0; i < W; ++i) to[i] = src[row + i];
    }
    for (int i = 0; row < rows && i < W; ++i) to[i] = row + i < rows ? src[row + i] : 0.0f;
  }
}

template <int W>
static void pack(float* panels, const float* src, long row_stride, long depth_stride, long rows, long depth,
                 long panel_stride) {
  // Panels packed at a time: wide enough together to read full cache lines, few enough that their own lines
  // stay in L1 until they are full.
  constexpr long kTogether = 4;
  while (rows > 0) {
    const long count = depth_stride == 1 ? 1 : kTogether;
    if (depth_stride == 1)
      pack_panel_transposed<W>(panels, src, row_stride, rows, depth);
    else
      pack_panels_copied<W>(panels, src, depth_stride, rows < count * W ? rows : count * W, depth,
                            panel_stride);
    panels += count * panel_stride;
    src += count * W * row_stride;
    rows -= count * W;
  }
}
