// ReLU: y = x > 0 ? x : 0, written so that a NaN stays a NaN.

static void relu(float* y, const float* x, long n) {
  long i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    const vf v = load(x + i);
    store(y + i, v <= 0.0f ? vf{} : v);
  }
  for (; i < n; ++i) y[i] = x[i] <= 0.0f ? 0.0f : x[i];
}
