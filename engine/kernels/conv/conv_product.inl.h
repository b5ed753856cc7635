// The product inside every convolution: rows (pixels or tiles) times a panel of output channels, all sums in
// registers.
//
// Register budget (accumulators + one row of weights + one broadcast):
//   AVX-512, 32 registers: 14 rows x 2 vectors = 28 + 2 + 1 = 31
//   AVX2,    16 registers:  6 rows x 2 vectors = 12 + 2 + 1 = 15
//   SSE,     16 registers:  2 rows x 4 vectors =  8 + 4 + 1 + 1 (no FMA: the product needs a register) = 14
// For each channel c: 2 loads of weights and one broadcast for each row feed rows * 2 multiply-adds.
#pragma once

#include "engine/kernels/simd/simd.inl.h"

#if PLAINSIGHT_WIDTH == 16
static constexpr int kConvPanel = 32, kConvRows = 14;
#elif PLAINSIGHT_WIDTH == 8
static constexpr int kConvPanel = 16, kConvRows = 6;
#else
static constexpr int kConvPanel = 16, kConvRows = 2;
#endif
static constexpr int kConvPanelVectors = kConvPanel / kWidth;

// Weight prefetch distance in channels: 32 channels of 28 cycles each cover the latency of L3. PREFETCHT0,
// not NTA: NTA fills only L1, which limits the outstanding misses on Intel processors.
static constexpr int kWeightsAhead = 32;
// Prefetch distance of `a` in blocks of kConvRows rows, one row with each channel: it covers the latency
// of L2.
static constexpr int kRowsAhead = 2;

// kRowStep: floats from one row of `a` to the next; kDepth: channels of a block, contiguous in `a`.
template <int kCount, int kRowStep, int kDepth>
static void product_of(float* out, long out_stride, const float* a, const long* offsets, long blocks,
                       const float* weights, Prefetch next) {
  vf sum[kCount][kConvPanelVectors];
  for (int r = 0; r < kCount; ++r)
    for (int v = 0; v < kConvPanelVectors; ++v) sum[r][v] = vf{};
  long b = 0;
  // blocks > 0: a loop that may run zero times would make the compiler store the zeros to memory.
  do {
    const float* block = a + offsets[b];
    for (long i = 0; i < next.lines; ++i, next.at += kChannelBlock)
      __builtin_prefetch(next.at, 0, 2);  // into L2
    for (int c = 0; c < kDepth; ++c, weights += kConvPanel) {
      if (kDepth > 1)
        for (int k = 0; k < kConvPanel; k += kChannelBlock)
          __builtin_prefetch(weights + kWeightsAhead * kConvPanel + k, 0, 3);
      if (kDepth > 1 && c < kCount) __builtin_prefetch(block + (kRowsAhead * kConvRows + c) * kRowStep, 0, 3);
      vf w[kConvPanelVectors];
      for (int v = 0; v < kConvPanelVectors; ++v) w[v] = load(weights + v * kWidth);
      for (int r = 0; r < kCount; ++r) {
        const vf x = broadcast(block[r * kRowStep + c]);
        for (int v = 0; v < kConvPanelVectors; ++v) sum[r][v] = fma(x, w[v], sum[r][v]);
      }
    }
  } while (++b < blocks);
  for (int r = 0; r < kCount; ++r)
    for (int v = 0; v < kConvPanelVectors; ++v) {
      const int k = v * kWidth;
      store(out + k / kChannelBlock * out_stride + r * kChannelBlock + k % kChannelBlock, sum[r][v]);
    }
}

// The product for exactly `rows` rows: one instance for each count, so that every sum stays in a register.
template <int kRowStep, int kDepth, int kCount = kConvRows>
static void product_rows(float* out, long out_stride, const float* a, const long* offsets, long blocks,
                         const float* weights, int rows, Prefetch next) {
  if constexpr (kCount > 1) {
    if (rows < kCount)
      return product_rows<kRowStep, kDepth, kCount - 1>(out, out_stride, a, offsets, blocks, weights, rows,
                                                        next);
  }
  product_of<kCount, kRowStep, kDepth>(out, out_stride, a, offsets, blocks, weights, next);
}

// The epilogue of one vector: bias and ReLU, which keeps NaN.
PLAINSIGHT_INLINE vf finished(vf s, vf bias, bool relu) {
  const vf y = s + bias;
  return relu ? (y <= 0.0f ? vf{} : y) : y;
}

// The epilogue of direct and im2col convolution, whose sums are in L2: bias, ReLU and the pool.
static void finish_convolution(float* out, const float* s, long rows, long width, ConvEpilogue e) {
  for (int c = 0; c < kChannelBlock; c += kWidth) {
    const vf bias = load(e.bias + c);
    if (!e.pool) {
      for (long i = 0; i < rows * width; ++i)
        store(out + i * kChannelBlock + c, finished(load(s + i * kChannelBlock + c), bias, e.relu));
      continue;
    }
    for (long y = 0; y < rows / 2; ++y)
      for (long x = 0; x < width / 2; ++x) {
        const float* window = s + (2 * y * width + 2 * x) * kChannelBlock + c;
        const vf top = max_or_nan(load(window), load(window + kChannelBlock));
        const vf bottom =
            max_or_nan(load(window + width * kChannelBlock), load(window + (width + 1) * kChannelBlock));
        // Pool first: adding the bias and the ReLU keep the order, so the largest sum gives the
        // largest result.
        store(out + (y * (width / 2) + x) * kChannelBlock + c,
              finished(max_or_nan(top, bottom), bias, e.relu));
      }
  }
}
