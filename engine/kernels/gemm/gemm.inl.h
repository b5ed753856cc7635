// Matrix products of floats: packing, and the micro-kernel, whose micro-tile of C stays in registers. Each k
// loads NR floats of B and broadcasts MR of A for MR NR multiply-adds, so loads are never the limit.
#pragma once

#include "engine/kernels/gemm/blocking.inl.h"
#include "engine/kernels/gemm/gemm_pack.inl.h"

// Panels of both operands hold floats.
static constexpr bool kFloatPanels = true;
static long packed_depth(long depth) { return depth; }

static void pack_a(float* panels, const float* src, long row_stride, long depth_stride, long rows, long depth,
                   long panel_stride) {
  pack<kMR>(panels, src, row_stride, depth_stride, rows, depth, panel_stride);
}

static void pack_b(float* panels, const float* src, long col_stride, long depth_stride, long cols, long depth,
                   long panel_stride) {
  pack<kNR>(panels, src, col_stride, depth_stride, cols, depth, panel_stride);
}

// The micro-kernel for R rows: c[R, kNR] (+)= micro-panel of A times micro-panel of B. Each element is
// summed in the order of k. R < kMR is the edge case of the last rows, an instance each, so that sums stay
// in registers.
template <int R>
static void micro_kernel(float* c, long ldc, const float* a, const float* b, long depth, bool accumulate) {
  // Prefetch the micro-tile of C: it is needed after the loop over k.
  PLAINSIGHT_UNROLL
  for (int i = 0; i < R; ++i) {
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kNRVectors; ++v) __builtin_prefetch(c + i * ldc + v * kWidth, 1);
  }
  // Rank-1 updates: a column of A's micro-panel times a row of B's.
  vf sum[R][kNRVectors] = {};
  for (long k = 0; k < depth; ++k, a += kMR, b += kNR) {
    vf bk[kNRVectors];
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kNRVectors; ++v) bk[v] = load(b + v * kWidth);
    PLAINSIGHT_UNROLL
    for (int i = 0; i < R; ++i) {
      const vf aik = broadcast(a[i]);
      PLAINSIGHT_UNROLL
      for (int v = 0; v < kNRVectors; ++v) sum[i][v] = fma(aik, bk[v], sum[i][v]);
    }
  }
  PLAINSIGHT_UNROLL
  for (int i = 0; i < R; ++i) {
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kNRVectors; ++v) {
      float* p = c + i * ldc + v * kWidth;
      store(p, accumulate ? load(p) + sum[i][v] : sum[i][v]);
    }
  }
}

using MicroKernel = void (*)(float*, long, const float*, const float*, long, bool);

// The micro-kernel for so many rows, found by counting down from kMR.
template <int R>
static MicroKernel micro_kernel_for(long rows) {
  if constexpr (R > 1)
    return rows >= R ? micro_kernel<R> : micro_kernel_for<R - 1>(rows);
  else
    return micro_kernel<1>;
}

// The macro-kernel: a micro-panel of A stays in L1 while all micro-panels of the block of B stream past
// it from L2. Edge case of the last columns: the whole micro-tile is computed in a buffer, and what
// exists is copied.
static void multiply(float* c, long ldc, long c_panel_stride, const float* a_panels, const float* b_panels,
                     long b_panel_stride, long m, long n, long depth, bool accumulate) {
  for (long i = 0; i < m; i += kMR) {
    const long rows = m - i < kMR ? m - i : kMR;
    const MicroKernel compute = micro_kernel_for<kMR>(rows);
    const float* a = a_panels + i * packed_depth(depth);
    const float* b = b_panels;
    float* cij = c + i * ldc;
    for (long j = 0; j < n; j += kNR, b += b_panel_stride, cij += c_panel_stride) {
      if (n - j >= kNR) {
        compute(cij, ldc, a, b, depth, accumulate);
        continue;
      }
      float edge[kMR * kNR];
      compute(edge, kNR, a, b, depth, false);
      for (long r = 0; r < rows; ++r)
        for (long q = 0; q < n - j; ++q) {
          float* p = cij + r * ldc + q;
          *p = accumulate ? *p + edge[r * kNR + q] : edge[r * kNR + q];
        }
    }
  }
}
