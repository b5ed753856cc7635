// Packing of the operands of matrix products into panels of floats: gemm_kernels.h.
#pragma once

#include "engine/kernels/simd/simd.inl.h"

// One panel of W lanes, of which `lanes` exist; src is contiguous along the depth, so blocks are transposed
// in registers. Rows of kWidth lanes may be stored up to kWidth - 1 floats past their panel row: the next row
// puts that right. Each row of a block lies in a page of its own, which defeats the hardware's prefetching:
// the next panel's rows are asked for here.
template <int W>
static void pack_panel_transposed(float* panel, const float* src, long lane_stride, long lanes, long depth) {
  constexpr int kBlocks = (W + kWidth - 1) / kWidth;
  long k = 0;
  for (; k + kWidth <= depth; k += kWidth) {
    vf block[kBlocks][kWidth];
    for (int v = 0; v < kBlocks; ++v) {
      PLAINSIGHT_UNROLL
      for (int i = 0; i < kWidth; ++i) {
        const int lane = v * kWidth + i;
        block[v][i] = lane < W && lane < lanes ? load(src + lane * lane_stride + k) : vf{};
        if (lane < W) __builtin_prefetch(src + (lane + W) * lane_stride + k);
      }
      transpose(block[v]);
    }
    for (int i = 0; i < kWidth; ++i)
      for (int v = 0; v < kBlocks; ++v) store(panel + (k + i) * W + v * kWidth, block[v][i]);
  }
  for (; k < depth; ++k)
    for (int i = 0; i < W; ++i) panel[k * W + i] = i < lanes ? src[i * lane_stride + k] : 0.0f;
}

// Lanes that lie side by side in src: whole rows of it are read, a piece for each of a few panels at a time.
template <int W>
static void pack_panels_copied(float* panels, const float* src, long depth_stride, long lanes, long depth,
                               long panel_stride) {
  for (long k = 0; k < depth; ++k, src += depth_stride) {
    float* to = panels + k * W;
    long lane = 0;
    for (; lane + W <= lanes; lane += W, to += panel_stride) {
      for (int i = 0; i < W; ++i) to[i] = src[lane + i];
    }
    for (int i = 0; lane < lanes && i < W; ++i) to[i] = lane + i < lanes ? src[lane + i] : 0.0f;
  }
}

template <int W>
static void pack(float* panels, const float* src, long lane_stride, long depth_stride, long lanes, long depth,
                 long panel_stride) {
  // Together wide enough to read full cache lines, few enough that their lines stay in L1 until they are
  // full.
  constexpr long kTogether = 4;
  while (lanes > 0) {
    const long count = depth_stride == 1 ? 1 : kTogether;
    if (depth_stride == 1)
      pack_panel_transposed<W>(panels, src, lane_stride, lanes, depth);
    else
      pack_panels_copied<W>(panels, src, depth_stride, lanes < count * W ? lanes : count * W, depth,
                            panel_stride);
    panels += count * panel_stride;
    src += count * W * lane_stride;
    lanes -= count * W;
  }
}
