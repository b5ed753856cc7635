// Reductions over a row of logits (contract: row_kernels.h): maximum, sum of exponentials, and a search for
// the next element above a threshold, which decoding's top-k needs.
#pragma once

#include "engine/kernels/simd/vector_math.inl.h"

static float row_max(const float* x, long n) {
  float largest = x[0];
  vf m = broadcast(largest);
  long i = 0;
  for (; i + kWidth <= n; i += kWidth) m = max(load(x + i), m);
  largest = max_of(m);
  for (; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

// Sum of e^(x - shift).
static double row_exp_sum(const float* x, long n, float shift) {
  constexpr long kChunk = 1024;  // summed in float; chunks in double
  double total = 0;
  for (long begin = 0; begin < n; begin += kChunk) {
    const long end = begin + kChunk < n ? begin + kChunk : n;
    vf sum = {};
    long i = begin;
    for (; i + kWidth <= end; i += kWidth) sum += exp(load(x + i) - shift);
    if (i < end) {
      // Lanes that do not exist count as e^-infinity = 0.
      vf last = broadcast(-__builtin_inff());
      for (long j = i; j < end; ++j) last[j - i] = x[j] - shift;
      sum += exp(last);
    }
    total += static_cast<double>(sum_of(sum));
  }
  return total;
}

// Bit i is x[i] > threshold.
PLAINSIGHT_INLINE unsigned lanes_above(vf x, vf threshold) {
#if PLAINSIGHT_WIDTH == 16
  return _mm512_cmp_ps_mask(x, threshold, _CMP_GT_OQ);
#elif PLAINSIGHT_WIDTH == 8
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(x, threshold, _CMP_GT_OQ)));
#elif defined(__SSE2__)
  return static_cast<unsigned>(_mm_movemask_ps(_mm_cmpgt_ps(x, threshold)));
#else
  unsigned bits = 0;
  for (int i = 0; i < kWidth; ++i) bits |= static_cast<unsigned>(x[i] > threshold[i]) << i;
  return bits;
#endif
}

// The first i >= begin with x[i] > threshold, or n.
static long row_find_above(const float* x, long begin, long n, float threshold) {
  // Eight vectors at a time with one branch: most rows have nothing above the threshold.
  constexpr int kUnroll = 8;
  const vf t = broadcast(threshold);
  long i = begin;
  for (; i + kUnroll * kWidth <= n; i += kUnroll * kWidth) {
    unsigned any = 0;
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kUnroll; ++v) any |= lanes_above(load(x + i + v * kWidth), t);
    if (any != 0) break;
  }
  for (; i + kWidth <= n; i += kWidth)
    if (const unsigned bits = lanes_above(load(x + i), t)) return i + __builtin_ctz(bits);
  while (i < n && !(x[i] > threshold)) ++i;
  return i;
}
