static float dot(const float* a, const float* b, long depth) {
  float sum = 0;
  for (long k = 0; k < depth; ++k) sum += a[k] * b[k];
  return sum;
}

static void exp_rows(float* panels, long panel_stride, long panel_count, long rows, const float* bias,
                     const float* shift, float* sums, float* maxima, float* copy, long copy_stride) {
  for (long r = 0; r < rows; ++r) {
    const vf s = broadcast(shift[r]);
    vf sum = {}, largest = broadcast(maxima[r]);
    float* row = panels + r * kCols;
    for (long p = 0; p < panel_count; ++p, row += panel_stride) {
      PLAINSIGHT_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        const vf z = load(row + v * kWidth) + load(bias + p * kCols + v * kWidth) - s;
        const vf e = exp(z);
        largest = max(z, largest);
        sum += e;
        store(row + v * kWidth, e);
        if (copy != nullptr) stream(copy + p * copy_stride + r * kCols + v * kWidth, e);
      }
    }
    sums[r] += sum_of(sum);
    maxima[r] = max_of(largest);
  }
  stream_end();
}

static void add_weighted_rows(float* y, const float* panel, const float* weights, long rows, long cols) {
  vf sum[kVectors] = {};
  for (long r = 0; r < rows; ++r) {
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kVectors; ++v) sum[v] = fma(weights[r], load(panel + r * kCols + v * kWidth), sum[v]);
  }
  for_each_vector(cols, [&](long i, long lanes)
                            PLAINSIGHT_ALWAYS { store(y + i, load(y + i, lanes) + sum[i / kWidth], lanes); });
}

// y, which comes from memory, is taken in whole rows, a vector's number of them at a time.
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
