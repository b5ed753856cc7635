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

static void add_transposed(float* y, long ldy, const float* x, long ldx, long rows, long cols) {
  long i = 0;
  for (; i + kWidth <= rows; i += kWidth) {
    long j = 0;
    for (; j + kWidth <= cols; j += kWidth) {
      vf block[kWidth];
      PLAINSIGHT_UNROLL
      for (int q = 0; q < kWidth; ++q) block[q] = load(x + (i + q) * ldx + j);
      transpose(block);
      PLAINSIGHT_UNROLL
      for (int q = 0; q < kWidth; ++q) {
        float* to = y + (j + q) * ldy + i;
        store(to, load(to) + block[q]);
      }
    }
    for (; j < cols; ++j)
      for (int q = 0; q < kWidth; ++q) y[j * ldy + i + q] += x[(i + q) * ldx + j];
  }
  for (; i < rows; ++i)
    for (long j = 0; j < cols; ++j) y[j * ldy + i] += x[i * ldx + j];
}
