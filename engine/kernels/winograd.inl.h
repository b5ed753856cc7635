// Winograd's transforms for F(4x4,3x3), points 0 1 -1 2 -2 inf, and F(6x6,3x3), points 0 1 -1 2 -2 1/2 -1/2 inf.
// The overloads are told apart by the number of points. In each, a pair of points +p and -p shares its even and odd part:
// B^T's rows for +p and -p are even + odd and even - odd. docs/math/winograd.md derives the matrices.

PLAINSIGHT_INLINE void to_points(const vf (&d)[6], vf (&t)[6]) {
  t[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
  const vf even1 = d[4] - 4.0f * d[2], odd1 = d[3] - 4.0f * d[1];
  t[1] = even1 + odd1;
  t[2] = even1 - odd1;
  const vf even2 = d[4] - d[2], odd2 = 2.0f * (d[3] - d[1]);
  t[3] = even2 + odd2;
  t[4] = even2 - odd2;
  t[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
}

PLAINSIGHT_INLINE void from_points(const vf (&m)[6], vf (&y)[4]) {
  const vf even1 = m[1] + m[2], odd1 = m[1] - m[2];
  const vf even2 = m[3] + m[4], odd2 = m[3] - m[4];
  y[0] = m[0] + even1 + even2;
  y[1] = odd1 + 2.0f * odd2;
  y[2] = even1 + 4.0f * even2;
  y[3] = odd1 + 8.0f * odd2 + m[5];
}

PLAINSIGHT_INLINE void to_points(const vf (&d)[8], vf (&t)[8]) {
  t[0] = d[0] - d[6] + 5.25f * (d[4] - d[2]);
  const vf even1 = d[2] + d[6] - 4.25f * d[4], odd1 = d[1] + d[5] - 4.25f * d[3];
  t[1] = even1 + odd1;
  t[2] = even1 - odd1;
  const vf even2 = d[6] + 0.25f * d[2] - 1.25f * d[4], odd2 = 0.5f * d[1] - 2.5f * d[3] + 2.0f * d[5];
  t[3] = even2 + odd2;
  t[4] = even2 - odd2;
  const vf even_half = d[6] + 4.0f * d[2] - 5.0f * d[4], odd_half = 2.0f * d[1] - 2.5f * d[3] + 0.5f * d[5];
  t[5] = even_half + odd_half;
  t[6] = even_half - odd_half;
  t[7] = d[7] - d[1] + 5.25f * (d[3] - d[5]);
}

PLAINSIGHT_INLINE void from_points(const vf (&m)[8], vf (&y)[6]) {
  const vf even1 = m[1] + m[2], odd1 = m[1] - m[2];
  const vf even2 = m[3] + m[4], odd2 = m[3] - m[4];
  const vf even_half = m[5] + m[6], odd_half = m[5] - m[6];
  y[0] = m[0] + even1 + even2 + even_half;
  y[1] = odd1 + 2.0f * odd2 + 0.5f * odd_half;
  y[2] = even1 + 4.0f * even2 + 0.25f * even_half;
  y[3] = odd1 + 8.0f * odd2 + 0.125f * odd_half;
  y[4] = even1 + 16.0f * even2 + 0.0625f * even_half;
  y[5] = odd1 + 32.0f * odd2 + 0.03125f * odd_half + m[7];
}

// G: row i evaluates the filter at point i, divided by the product of the differences to the other finite points.
static constexpr double kG4[6][3] = {{1. / 4, 0, 0},
                                     {-1. / 6, -1. / 6, -1. / 6},
                                     {-1. / 6, 1. / 6, -1. / 6},
                                     {1. / 24, 1. / 12, 1. / 6},
                                     {1. / 24, -1. / 12, 1. / 6},
                                     {0, 0, 1}};
static constexpr double kG6[8][3] = {
    {1, 0, 0},
    {-2. / 9, -2. / 9, -2. / 9},
    {-2. / 9, 2. / 9, -2. / 9},
    {1. / 90, 1. / 45, 2. / 45},
    {1. / 90, -1. / 45, 2. / 45},
    {32. / 45, 16. / 45, 8. / 45},
    {32. / 45, -16. / 45, 8. / 45},
    {0, 0, 1},
};

/// Tiles from the one at hand to the one whose pixels are asked for.
static constexpr int kAhead = 2;

template <int kTile>
static void transform_input(float* v, long stride, const float* in, long height, long width, long y, long x) {
  constexpr int kPoints = kTile + 2;
  const bool inside = y >= 0 && x >= 0 && y + kPoints <= height && x + kPoints <= width;
  for (int c = 0; c < kChannelBlock; c += kWidth) {
    // Columns first: the a x a vectors do not fit the registers, so they pass through the stack, which stays in L1.
    vf half[kPoints][kPoints];
    for (int j = 0; j < kPoints; ++j) {
      vf d[kPoints], t[kPoints];
      const float* column = in + (y * width + x + j) * kChannelBlock + c;
      if (inside) {
        for (int i = 0; i < kPoints; ++i) d[i] = load(column + i * width * kChannelBlock);
        if (j < kTile)
          for (int i = 0; i < kPoints; ++i)
            __builtin_prefetch(column + (i * width + kAhead * kTile) * kChannelBlock, 0, 3);
      } else {
        const bool column_inside = x + j >= 0 && x + j < width;
        for (int i = 0; i < kPoints; ++i)
          d[i] =
              column_inside && y + i >= 0 && y + i < height ? load(column + i * width * kChannelBlock) : vf{};
      }
      to_points(d, t);
      for (int i = 0; i < kPoints; ++i) half[i][j] = t[i];
    }
    for (int i = 0; i < kPoints; ++i) {
      vf t[kPoints];
      to_points(half[i], t);
      for (int j = 0; j < kPoints; ++j) store(v + (i * kPoints + j) * stride + c, t[j]);
    }
  }
}

// Writes the tile's `count_y` x `count_x` results that lie inside of the picture.
PLAINSIGHT_INLINE long smaller(long a, long b) { return a < b ? a : b; }

template <int kTile>
static void transform_output(float* out, const float* m, long stride, ConvEpilogue e, long height, long width,
                             long y, long x) {
  constexpr int kPoints = kTile + 2;
  for (int c = 0; c < kChannelBlock; c += kWidth) {
    vf half[kTile][kPoints];
    for (int j = 0; j < kPoints; ++j) {
      vf column[kPoints], t[kTile];
      for (int i = 0; i < kPoints; ++i) column[i] = load(m + (i * kPoints + j) * stride + c);
      from_points(column, t);
      for (int i = 0; i < kTile; ++i) half[i][j] = t[i];
    }
    const vf bias = load(e.bias + c);
    if (!e.pool) {
      const long rows = smaller(kTile, height - y), columns = smaller(kTile, width - x);
      for (long i = 0; i < rows; ++i) {
        vf t[kTile];
        from_points(half[i], t);
        float* row = out + ((y + i) * width + x) * kChannelBlock + c;
        for (int j = 0; j < kTile; ++j)
          if (j < columns) store(row + j * kChannelBlock, finished(t[j], bias, e.relu));
      }
      continue;
    }
    const long rows = smaller(kTile / 2, height - y / 2), columns = smaller(kTile / 2, width - x / 2);
    for (long i = 0; i < rows; ++i) {
      vf top[kTile], bottom[kTile];
      from_points(half[2 * i], top);
      from_points(half[2 * i + 1], bottom);
      float* row = out + ((y / 2 + i) * width + x / 2) * kChannelBlock + c;
      for (int j = 0; j < kTile / 2; ++j) {
        const vf largest = max(max(top[2 * j], top[2 * j + 1]), max(bottom[2 * j], bottom[2 * j + 1]));
        if (j < columns) store(row + j * kChannelBlock, finished(largest, bias, e.relu));
      }
    }
  }
}

template <int kTile>
static void transform_weights(float* u, long stride, const float* w, long k_stride, int channels) {
  constexpr int kPoints = kTile + 2;
  const auto& g = []() -> const double(&)[kPoints][3] {
    if constexpr (kTile == 4)
      return kG4;
    else
      return kG6;
  }();
  double filter[3][3][kChannelBlock] = {};
  for (int k = 0; k < channels; ++k)
    for (int i = 0; i < 9; ++i) filter[i / 3][i % 3][k] = static_cast<double>(w[k * k_stride + i]);
  for (int i = 0; i < kPoints; ++i) {
    double row[3][kChannelBlock];
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < kChannelBlock; ++k)
        row[j][k] = g[i][0] * filter[0][j][k] + g[i][1] * filter[1][j][k] + g[i][2] * filter[2][j][k];
    for (int j = 0; j < kPoints; ++j)
      for (int k = 0; k < kChannelBlock; ++k)
        u[(i * kPoints + j) * stride + k] =
            static_cast<float>(g[j][0] * row[0][k] + g[j][1] * row[1][k] + g[j][2] * row[2][k]);
  }
}
