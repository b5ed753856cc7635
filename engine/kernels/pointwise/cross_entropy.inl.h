// The softmax around the matrix products of the fused output layer (contract: cross_entropy_kernels.h,
// derivation: docs/course/cross-entropy.md). Products lie in panels of kNR columns, which is also the step of
// the loops here; kNR and kNRVectors come from the blocking of this set's products.
#pragma once

#include "engine/kernels/gemm/blocking.inl.h"
#include "engine/kernels/simd/vector_math.inl.h"

// The logit of one target, summed in the order of k.
static float dot(const float* a, const float* b, long depth) {
  float sum = 0;
  for (long k = 0; k < depth; ++k) sum += a[k] * b[k];
  return sum;
}

// z becomes e = exp(z + bias - shift), row by row. Sum and maximum of the row stay in registers; the copy of
// e, which is read much later, is streamed past the caches.
static void exp_rows(float* z, long ldz, long panel_count, long rows, const float* bias, const float* shift,
                     float* sums, float* maxima, float* copy, long copy_stride) {
  for (long r = 0; r < rows; ++r, z += ldz) {
    const vf s = broadcast(shift[r]);
    vf sum = {}, largest = broadcast(maxima[r]);
    for (long p = 0; p < panel_count; ++p) {
      PLAINSIGHT_UNROLL
      for (int v = 0; v < kNRVectors; ++v) {
        const long i = p * kNR + v * kWidth;
        const vf x = load(z + i) + load(bias + i) - s;
        const vf e = exp(x);
        largest = max(x, largest);
        sum += e;
        store(z + i, e);
        if (copy != nullptr) stream(copy + p * copy_stride + r * kNR + v * kWidth, e);
      }
    }
    sums[r] += sum_of(sum);
    maxima[r] = max_of(largest);
  }
  stream_end();
}

// p = f e for one panel, and the sum over its rows, which is the gradient of the bias.
static void weigh_rows(float* out, float* sums, const float* panel, const float* weights, long rows,
                       long cols) {
  vf sum[kNRVectors] = {};
  for (long r = 0; r < rows; ++r) {
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kNRVectors; ++v) {
      const vf x = weights[r] * load(panel + r * kNR + v * kWidth);
      store(out + r * kNR + v * kWidth, x);
      sum[v] += x;
    }
  }
  if (sums == nullptr) return;
  for_each_vector(cols, [&](long i, long lanes) PLAINSIGHT_ALWAYS {
    store(sums + i, load(sums + i, lanes) + sum[i / kWidth], lanes);
  });
}

// y += xᵀ, in blocks of kWidth x kWidth that are transposed in registers. y comes from memory, so the rows of
// the next block are prefetched.
static void add_transposed(float* y, long ldy, const float* x, long ldx, long rows, long cols) {
  long j = 0;
  for (; j + kWidth <= cols; j += kWidth) {
    long i = 0;
    for (; i + kWidth <= rows; i += kWidth) {
      vf block[kWidth];
      PLAINSIGHT_UNROLL
      for (int q = 0; q < kWidth; ++q) block[q] = load(x + (i + q) * ldx + j);
      transpose(block);
      PLAINSIGHT_UNROLL
      for (int q = 0; q < kWidth; ++q) {
        float* to = y + (j + q) * ldy + i;
        store(to, load(to) + block[q]);
        __builtin_prefetch(to + kWidth * ldy, 1);
      }
    }
    for (; i < rows; ++i)
      for (int q = 0; q < kWidth; ++q) y[(j + q) * ldy + i] += x[i * ldx + j + q];
  }
  for (; j < cols; ++j)
    for (long i = 0; i < rows; ++i) y[j * ldy + i] += x[i * ldx + j];
}
