// y += x W^T for a few rows x and weights W as they are stored, row by row: nothing is packed, because the weights of a
// large layer are read once for each batch and the memory is the limit.
//
// Register budget (sums + one vector of each weight row + one of x):
//   AVX-512: 6 images x 4 outputs = 24 + 4 + 1 = 29 of 32;   AVX2: 3 x 3 = 9 + 3 + 1 = 13 of 16;   SSE: the same.
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
    for (int o = 0; o < kOutputs; ++o) wv[o] = load(w + o * ldw + i);
    for (int n = 0; n < kImages; ++n) {
      const vf xv = load(x + n * ldx + i);
      for (int o = 0; o < kOutputs; ++o) sum[n][o] += xv * wv[o];
    }
  }
  for (int n = 0; n < kImages; ++n)
    for (int o = 0; o < kOutputs; ++o) {
      float total = sum_of(sum[n][o]);
      for (long t = i; t < depth; ++t) total += x[n * ldx + t] * w[o * ldw + t];
      y[n * ldy + o] += total;
    }
}

template <int kOutputs, int kImages = kDenseImages>
static void dense_images(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long images,
                         long depth) {
  for (; images >= kImages; images -= kImages, y += kImages * ldy, x += kImages * ldx)
    dense_of<kImages, kOutputs>(y, ldy, x, ldx, w, ldw, depth);
  if constexpr (kImages > 1) dense_images<kOutputs, kImages - 1>(y, ldy, x, ldx, w, ldw, images, depth);
}

static void dense(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long images,
                  long outputs, long depth) {
  for (; outputs >= kDenseOutputs; outputs -= kDenseOutputs, y += kDenseOutputs, w += kDenseOutputs * ldw)
    dense_images<kDenseOutputs>(y, ldy, x, ldx, w, ldw, images, depth);
  for (; outputs > 0; --outputs, ++y, w += ldw) dense_images<1>(y, ldy, x, ldx, w, ldw, images, depth);
}
