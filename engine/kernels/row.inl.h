static float row_max(const float* x, long n) {
  float largest = x[0];
  vf m = broadcast(largest);
  long i = 0;
  for (; i + kWidth <= n; i += kWidth) m = max(load(x + i), m);
  largest = max_of(m);
  for (; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

static double row_exp_sum(const float* x, long n, float shift) {
  constexpr long kPiece = 1024;
  double total = 0;
  for (long begin = 0; begin < n; begin += kPiece) {
    const long end = begin + kPiece < n ? begin + kPiece : n;
    vf sum = {};
    long i = begin;
    for (; i + kWidth <= end; i += kWidth) sum += exp(load(x + i) - shift);
    if (i < end) {
      // Lanes that do not exist would count e^-shift: they get e^-infinity.
      vf last = broadcast(-__builtin_inff());
      for (long j = i; j < end; ++j) last[j - i] = x[j] - shift;
      sum += exp(last);
    }
    total += static_cast<double>(sum_of(sum));
  }
  return total;
}

static long row_find_above(const float* x, long begin, long n, float threshold) {
  constexpr int kTogether = 8;
  long i = begin;
  for (; i + kTogether * kWidth <= n; i += kTogether * kWidth) {
    vf m = load(x + i);
    PLAINSIGHT_UNROLL
    for (int v = 1; v < kTogether; ++v) m = max(load(x + i + v * kWidth), m);
    if (max_of(m) > threshold) break;
  }
  while (i < n && !(x[i] > threshold)) ++i;
  return i;
}
