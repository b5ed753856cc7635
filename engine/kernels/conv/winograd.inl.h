// Winograd's transforms for tiles of 4 and of 6 results in each direction (contract: conv_kernels.h,
// derivation: docs/course/winograd.md). A side of 4 uses the points 0 1 -1 2 -2 inf; a side of 6 adds 1/2 and
// -1/2 after them. The first six have the same scale on both sides, so the transformed filters of a 4 x 4
// tile are a part of those of a 6 x 6 tile, and all tiles of an image share them.
//
// Products that round are written with fma(): a tile must get the same bits from every copy of this code, and
// the compiler contracts a*b+c in one copy but not in another.
#pragma once

#include "engine/kernels/conv/conv_product.inl.h"

// to_points: t = B^T d for one side. from_points: y = A^T m for one side. Overloads differ in the number of
// points, 6 or 8. A pair of points +p and -p shares its even and odd part: their rows of B^T are even + odd
// and even - odd.
PLAINSIGHT_INLINE void to_points(const vf (&d)[6], vf (&t)[6]) {
  t[0] = fma(0.25f, d[4], fma(-1.25f, d[2], d[0]));
  const vf even1 = fma(0.75f, d[4], -3.0f * d[2]), odd1 = fma(0.75f, d[3], -3.0f * d[1]);
  t[1] = even1 + odd1;
  t[2] = even1 - odd1;
  const vf even2 = 3.75f * (d[4] - d[2]), odd2 = d[3] - d[1];
  t[3] = fma(7.5f, odd2, even2);
  t[4] = fma(-7.5f, odd2, even2);
  t[5] = fma(4.0f, d[1], fma(-5.0f, d[3], d[5]));
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
  t[0] = fma(5.25f, d[4] - d[2], d[0] - d[6]);
  const vf even1 = fma(-4.25f, d[4], d[2] + d[6]), odd1 = fma(-4.25f, d[3], d[1] + d[5]);
  t[1] = even1 + odd1;
  t[2] = even1 - odd1;
  const vf even2 = fma(-1.25f, d[4], fma(0.25f, d[2], d[6])),
           odd2 = fma(2.0f, d[5], fma(-2.5f, d[3], 0.5f * d[1]));
  t[3] = even2 + odd2;
  t[4] = even2 - odd2;
  t[5] = fma(5.25f, d[3] - d[5], d[7] - d[1]);
  const vf even_half = fma(-5.0f, d[4], fma(4.0f, d[2], d[6])),
           odd_half = fma(0.5f, d[5], fma(-2.5f, d[3], 2.0f * d[1]));
  t[6] = even_half + odd_half;
  t[7] = even_half - odd_half;
}

PLAINSIGHT_INLINE void from_points(const vf (&m)[8], vf (&y)[6]) {
  const vf even1 = m[1] + m[2], odd1 = m[1] - m[2];
  const vf even2 = m[3] + m[4], odd2 = m[3] - m[4];
  const vf even_half = m[6] + m[7], odd_half = m[6] - m[7];
  y[0] = m[0] + even1 + even2 + even_half;
  y[1] = odd1 + 2.0f * odd2 + 0.5f * odd_half;
  y[2] = even1 + 4.0f * even2 + 0.25f * even_half;
  y[3] = odd1 + 8.0f * odd2 + 0.125f * odd_half;
  y[4] = even1 + 16.0f * even2 + 0.0625f * even_half;
  y[5] = odd1 + 32.0f * odd2 + 0.03125f * odd_half + m[5];
}

// G: row i evaluates the filter at point i, divided by the product of the differences to the other
// finite points.
static constexpr double kG[8][3] = {
    {1, 0, 0},
    {-2. / 9, -2. / 9, -2. / 9},
    {-2. / 9, 2. / 9, -2. / 9},
    {1. / 90, 1. / 45, 2. / 45},
    {1. / 90, -1. / 45, 2. / 45},
    {0, 0, 1},
    {32. / 45, 16. / 45, 8. / 45},
    {32. / 45, -16. / 45, 8. / 45},
};

// The class of frequency (i, j), its index in the class, and its index among all frequencies.
static constexpr int class_of(int i, int j) { return (i < 6 ? 0 : 2) + (j < 6 ? 0 : 1); }
static constexpr int index_of(int i, int j) {
  return (i < 6 ? i : i - 6) * (j < 6 ? 6 : 2) + (j < 6 ? j : j - 6);
}
static constexpr int frequency_of(int i, int j) { return kWinogradClass[class_of(i, j)] + index_of(i, j); }

// Prefetch distance of the pixels, in tiles.
static constexpr int kAhead = 2;

// V = B^T d B for one tile: B^T on each column of pixels, then on each row of the result.
template <int kTileY, int kTileX>
static void transform_input(float* const* v, long stride, const float* in, long height, long width, long y,
                            long x) {
  constexpr int kRowPoints = kTileY + 2, kColumnPoints = kTileX + 2;
  const bool inside = y >= 0 && x >= 0 && y + kRowPoints <= height && x + kColumnPoints <= width;
  for (int c = 0; c < kChannelBlock; c += kWidth) {
    // First pass, column by column: half = B^T d. 36 to 64 vectors do not fit the registers, so `half` is on
    // the stack, which stays in L1.
    vf half[kRowPoints][kColumnPoints];
    for (int j = 0; j < kColumnPoints; ++j) {
      vf d[kRowPoints], t[kRowPoints];
      const float* column = in + (y * width + x + j) * kChannelBlock + c;
      if (inside) {
        for (int i = 0; i < kRowPoints; ++i) d[i] = load(column + i * width * kChannelBlock);
        if (j < kTileX)
          for (int i = 0; i < kRowPoints; ++i)
            __builtin_prefetch(column + (i * width + kAhead * kTileX) * kChannelBlock, 0, 3);
      } else {
        const bool column_inside = x + j >= 0 && x + j < width;
        for (int i = 0; i < kRowPoints; ++i)
          d[i] =
              column_inside && y + i >= 0 && y + i < height ? load(column + i * width * kChannelBlock) : vf{};
      }
      to_points(d, t);
      for (int i = 0; i < kRowPoints; ++i) half[i][j] = t[i];
    }
    // Second pass, row by row: half B. Each frequency goes to its matrix V[f].
    for (int i = 0; i < kRowPoints; ++i) {
      vf t[kColumnPoints];
      to_points(half[i], t);
      for (int j = 0; j < kColumnPoints; ++j) {
        float* to = v[class_of(i, j)] + index_of(i, j) * stride + c;
        store(to, t[j]);
        __builtin_prefetch(to + kChannelBlock, 1, 3);  // the next tile's element
      }
    }
  }
}

PLAINSIGHT_INLINE long smaller(long a, long b) { return a < b ? a : b; }

// Y = A^T M A for one tile, then the epilogue. Drops results that lie outside of the image.
template <int kTileY, int kTileX>
static void transform_output(float* out, const float* m, long stride, ConvEpilogue e, long height, long width,
                             long y, long x) {
  constexpr int kRowPoints = kTileY + 2, kColumnPoints = kTileX + 2;
  for (int c = 0; c < kChannelBlock; c += kWidth) {
    // First pass, column by column: half = A^T M.
    vf half[kTileY][kColumnPoints];
    for (int j = 0; j < kColumnPoints; ++j) {
      vf column[kRowPoints], t[kTileY];
      for (int i = 0; i < kRowPoints; ++i) column[i] = load(m + frequency_of(i, j) * stride + c);
      from_points(column, t);
      for (int i = 0; i < kTileY; ++i) half[i][j] = t[i];
    }
    // Second pass, row by row: half A. Bias and ReLU in registers.
    const vf bias = load(e.bias + c);
    if (!e.pool) {
      const long rows = smaller(kTileY, height - y), columns = smaller(kTileX, width - x);
      for (long i = 0; i < rows; ++i) {
        vf t[kTileX];
        from_points(half[i], t);
        float* row = out + ((y + i) * width + x) * kChannelBlock + c;
        for (int j = 0; j < kTileX; ++j) __builtin_prefetch(row + (j + kTileX) * kChannelBlock, 1, 3);
        for (int j = 0; j < kTileX; ++j)
          if (j < columns) store(row + j * kChannelBlock, finished(t[j], bias, e.relu));
      }
      continue;
    }
    // With a pool: two rows at a time, and the maximum of each 2 x 2 window. A tile has an even number of
    // rows and columns and begins at an even pixel, so no window crosses its border.
    const long rows = smaller(kTileY / 2, height - y / 2), columns = smaller(kTileX / 2, width - x / 2);
    for (long i = 0; i < rows; ++i) {
      vf top[kTileX], bottom[kTileX];
      from_points(half[2 * i], top);
      from_points(half[2 * i + 1], bottom);
      float* row = out + ((y / 2 + i) * width + x / 2) * kChannelBlock + c;
      for (int j = 0; j < kTileX / 2; ++j) __builtin_prefetch(row + (j + kTileX / 2) * kChannelBlock, 1, 3);
      for (int j = 0; j < kTileX / 2; ++j) {
        const vf largest =
            max_or_nan(max_or_nan(top[2 * j], top[2 * j + 1]), max_or_nan(bottom[2 * j], bottom[2 * j + 1]));
        if (j < columns) store(row + j * kChannelBlock, finished(largest, bias, e.relu));
      }
    }
  }
}

// U = G g G^T for 16 output channels, once when a plan is built: in double, rounded once.
static void transform_weights(float* u, long stride, int frequencies, const float* w, long k_stride,
                              int channels) {
  double filter[3][3][kChannelBlock] = {};
  for (int k = 0; k < channels; ++k)
    for (int i = 0; i < 9; ++i) filter[i / 3][i % 3][k] = static_cast<double>(w[k * k_stride + i]);
  const int points = frequencies == 36 ? 6 : 8;
  // Row i of G g, then row i of (G g) G^T.
  for (int i = 0; i < points; ++i) {
    double row[3][kChannelBlock];
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < kChannelBlock; ++k)
        row[j][k] = kG[i][0] * filter[0][j][k] + kG[i][1] * filter[1][j][k] + kG[i][2] * filter[2][j][k];
    for (int j = 0; j < points; ++j)
      for (int k = 0; k < kChannelBlock; ++k)
        u[frequency_of(i, j) * stride + k] =
            static_cast<float>(kG[j][0] * row[0][k] + kG[j][1] * row[1][k] + kG[j][2] * row[2][k]);
  }
}
