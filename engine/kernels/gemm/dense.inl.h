// y += x Wᵀ for a few rows x (images) and weights W as they are stored, row by row. Nothing is packed: the
// weights of a large layer are read once per batch, and memory bandwidth is the limit.
//
// Register budget (sums + one vector of each weight row + one of x):
//   AVX-512: 6 images x 4 outputs = 24 + 4 + 1 = 29 of 32;
//   AVX2: 3 x 3 = 9 + 3 + 1 = 13 of 16;   SSE: the same.
#pragma once

#include "engine/kernels/simd/simd.inl.h"

#if PLAINSIGHT_WIDTH == 16
static constexpr int kDenseImages = 6, kDenseOutputs = 4;
#else
static constexpr int kDenseImages = 3, kDenseOutputs = 3;
#endif

template <int kImages, int kOutputs>
static void dense_of(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long depth) {
  vf sum[kImages][kOutputs];
  for (int n = 0; n < kImages; ++n)
    for (int o = 0; o < kOutputs; ++o) sum[n][o] = vf{};
  long i = 0;
  for (; i + kWidth <= depth; i += kWidth) {
    vf wv[kOutputs];
    for (int o = 0; o < kOutputs; ++o) {
      wv[o] = load(w + o * ldw + i);
      // Prefetch the next rows of W: each is a separate stream, too short for the hardware prefetcher.
      __builtin_prefetch(w + (kOutputs + o) * ldw + i, 0, 2);
    }
    for (int n = 0; n < kImages; ++n) {
      const vf xv = load(x + n * ldx + i);
      for (int o = 0; o < kOutputs; ++o) sum[n][o] = fma(xv, wv[o], sum[n][o]);
    }
  }
  for (int n = 0; n < kImages; ++n)
    for (int o = 0; o < kOutputs; ++o) {
      float total = sum_of(sum[n][o]);
      for (long t = i; t < depth; ++t) total += x[n * ldx + t] * w[o * ldw + t];
      y[n * ldy + o] += total;
    }
}

// The product for exactly `images` images, 1 to kDenseImages.
template <int kOutputs, int kImages = kDenseImages>
static void dense_images(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long images,
                         long depth) {
  if constexpr (kImages > 1) {
    if (images < kImages) return dense_images<kOutputs, kImages - 1>(y, ldy, x, ldx, w, ldw, images, depth);
  }
  dense_of<kImages, kOutputs>(y, ldy, x, ldx, w, ldw, depth);
}

// The product for any number of images, in parts whose sizes differ by at most one: 8 are 4 and 4, not 6
// and 2.
template <int kOutputs>
static void dense_outputs(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long images,
                          long depth) {
  const long parts = (images + kDenseImages - 1) / kDenseImages;
  for (long p = 0; p < parts; ++p) {
    const long begin = images * p / parts, end = images * (p + 1) / parts;
    dense_images<kOutputs>(y + begin * ldy, ldy, x + begin * ldx, ldx, w, ldw, end - begin, depth);
  }
}

static void dense(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long images,
                  long outputs, long depth) {
  for (; outputs >= kDenseOutputs; outputs -= kDenseOutputs, y += kDenseOutputs, w += kDenseOutputs * ldw)
    dense_outputs<kDenseOutputs>(y, ldy, x, ldx, w, ldw, images, depth);
  for (; outputs > 0; --outputs, ++y, w += ldw) dense_outputs<1>(y, ldy, x, ldx, w, ldw, images, depth);
}
