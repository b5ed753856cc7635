// Matrix products on AMX's int8 tiles: float32 GEMM emulated by an Ozaki scheme. A tile instruction
// multiplies bytes, 32 times as many a cycle as two AVX-512 units multiply floats, and sums in int32 without
// rounding.
//
// Each row of A and each column of B is quantised to 24-bit integers q with one scale, x = q scale with
// scale = max |x| / kMaxQuantised, and each q is split into three int8 slices,
// q = d0 2^16 + d1 2^8 + d2 with -128 <= d < 128. For q of A with slices d and r of B with slices e:
//   q r = d0 e0 2^32 + (d0 e1 + d1 e0) 2^24 + (d0 e2 + d1 e1 + d2 e0) 2^16 + less than 2^24
// So six slice products, each exact, give C. The error is below 2^-20 max |a| max |b| for each k even if
// every rounding is at its worst: docs/course/gemm.md derives it. Usually it is much smaller, since errors
// average out: as accurate as float relative to the row maximum, but elements far below that maximum lose
// precision. A row or column below about 2^-105 counts as 0, a row of A beyond 2^105 may give infinity, and
// one with a NaN or an infinity makes its row or column of C NaN.
//
// The scheme: Ozaki, Ogita, Oishi and Rump, "Error-free transformations of matrix multiplication by using
// fast routines of matrix multiplication and its applications", Numerical Algorithms 59 (2012) 95-118. In
// int8: Ootomo, Ozaki and Yokota, "DGEMM on integer matrix multiplication unit", 2024, arXiv 2306.11975.
// Fewer products and rounding to nearest: Uchino, Ozaki and Imamura, "Performance enhancement of the Ozaki
// scheme on integer matrix multiplication unit", IJHPCA 39 (2025) 462-476, arXiv 2409.13313.
//
// A micro-panel holds 32 rows (of A; columns of B): their scales, then groups of 64 k as
// [slice][tile of 16 rows][16 tile rows][64 bytes]. The instruction adds up the products of four neighbouring
// bytes. Here these are k, k + 16, k + 32 and k + 48 of a group, so that whole vectors are split without a
// shuffle. A tile row of A is one row's 16 such fours; a tile row of B is one four of each of 16 columns.

#pragma once

#include "engine/kernels/gemm/blocking.inl.h"

static_assert(kWidth == 16);
static constexpr int kPanel = 32;  // rows of A, or columns of B, of a micro-panel
static_assert(kMR == kPanel && kNR == kPanel);

static constexpr bool kFloatPanels = false;

static constexpr int kGroup = 64, kSlices = 3;
// Sizes of an AMX tile, of one slice of a group, and of a group, counted in floats.
static constexpr int kTileFloats = 16 * kWidth, kSliceFloats = 2 * kTileFloats,
                     kGroupFloats = kSlices * kSliceFloats;
static constexpr float kMaxQuantised =
    127 << 16;  // 127 in the first slice: rounding the others may carry into it
static_assert(kSlices * 128 * 128 * kKC <= 1 << 24, "a sum of slice products is exact as a float");

// Floats of a row in its panel: its bytes, and a scale for each block of KC.
static long packed_depth(long depth) {
  return (depth + kGroup - 1) / kGroup * (kGroupFloats / kPanel) + (depth + kKC - 1) / kKC;
}

// The larger of |x| and an earlier maximum, both as integers of their bits. In this order NaN exceeds
// infinity, and infinity exceeds every finite value.
PLAINSIGHT_INLINE vi max_magnitude(vi bits, vf x) {
  const vi magnitude = as_ints(x) & 0x7fffffff;
  return bits > magnitude ? bits : magnitude;
}

// The largest element of a vector.
PLAINSIGHT_INLINE int largest_of(vi bits) {
  const auto with = [&](vi other) PLAINSIGHT_ALWAYS { bits = bits > other ? bits : other; };
  with(__builtin_shufflevector(bits, bits, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  with(__builtin_shufflevector(bits, bits, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  with(__builtin_shufflevector(bits, bits, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  with(__builtin_shufflevector(bits, bits, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  return bits[0];
}

// Quantisation factors of 16 rows; also stores their dequantisation scales times 2^8 (C multiplies two of
// them, which gives the weight 2^16 of the lowest slice products kept). A row so small that its factor
// overflows gets scale 0. A row with NaN or Inf gets scale NaN, because its int8 slices would look valid.
PLAINSIGHT_INLINE vf quantisation_factors(vi max_bits, float* scales) {
  const vf largest = as_floats(max_bits), factor = kMaxQuantised / largest;
  const vf scale = fma(largest, vf{}, largest * (256 / kMaxQuantised));
  store(scales, factor == __builtin_inff() ? vf{} : scale);
  return factor;
}

PLAINSIGHT_INLINE vi load_ints(const int* p) { return as_ints(load(reinterpret_cast<const float*>(p))); }

// Blends bytes: a, and where the mask has ones the byte of b at an index higher by kFrom.
template <int kFrom>
PLAINSIGHT_INLINE vi merge(vi a, __mmask64 mask, vi b) {
  const auto bytes = reinterpret_cast<__m512i>(b);
  return reinterpret_cast<vi>(
      _mm512_mask_alignr_epi8(reinterpret_cast<__m512i>(a), mask, bytes, bytes, (16 + kFrom) % 16));
}

// Quantises four vectors and stores the three slices, a byte of each vector side by side.
PLAINSIGHT_INLINE void store_slices(float* to, const vf* x, vf factor) {
  // q + 128 2^8 + 128 has the slices as its bytes, the lower two of them plus 128: rounding to int32 and
  // adding this bias split q without a carry. The exclusive or turns byte + 128 back into a signed byte.
  constexpr int kBias = 0x8080, kSigns = static_cast<int>(0x80808080);
  constexpr __mmask64 kEven = 0x5555555555555555, kLow = 0x3333333333333333;
  vi q[4];
  PLAINSIGHT_UNROLL
  for (int i = 0; i < 4; ++i)
    q[i] = reinterpret_cast<vi>(_mm512_maskz_cvtps_epi32(
        static_cast<__mmask16>(-1), fma(x[i], factor, broadcast(static_cast<float>(kBias)))));
  // Slice j of q is byte 2 - j. Gather byte b of q[0..3] into each four; d02_of_01 holds bytes 2 and 0 of
  // q[0] and q[1], d1_of_01 their byte 1.
  const vi d02_of_01 = merge<-1>(q[0], ~kEven, q[1]), d02_of_23 = merge<-1>(q[2], ~kEven, q[3]);
  const vi d1_of_01 = merge<1>(q[1], kEven, q[0]), d1_of_23 = merge<1>(q[3], kEven, q[2]);
  store(to, as_floats(merge<2>(d02_of_23, kLow, d02_of_01)));
  store(to + kSliceFloats, as_floats(merge<-2>(d1_of_01, ~kLow, d1_of_23) ^ kSigns));
  store(to + 2 * kSliceFloats, as_floats(merge<-2>(d02_of_01, ~kLow, d02_of_23) ^ kSigns));
}

// Packs rows whose elements are contiguous along the depth, as tiles of A. Prefetches as many rows at `next`,
// since weights come from memory. 16 rows at a time: they are read twice, and the second time from L1.
static void pack_depth_contiguous(float* panel, const float* src, const float* next, long row_stride,
                                  long rows, long depth) {
  for (int tile = 0; tile < 2; ++tile, rows -= kWidth) {
    // First pass: the maximum of each row, and from it the scales.
    alignas(64) int max_bits[kWidth] = {};
    alignas(64) float factor[kWidth];
    for (long row = 0; row < kWidth && row < rows; ++row) {
      vi bits = {};
      for_each_vector(depth, [&](long k, long n) PLAINSIGHT_ALWAYS {
        bits = max_magnitude(bits, load(src + row * row_stride + k, n));
      });
      max_bits[row] = largest_of(bits);
    }
    store(factor, quantisation_factors(load_ints(max_bits), panel + tile * kWidth));
    // Second pass: the slices. Rows and depth that do not exist are zeros.
    float* group = panel + kPanel + tile * kTileFloats;
    for (long k = 0; k < depth; k += kGroup, group += kGroupFloats)
      for (long row = 0; row < kWidth; ++row) {
        vf x[4] = {};
        if (row < rows) {
          const float* from = src + row * row_stride + k;
          PLAINSIGHT_UNROLL
          for (int i = 0; i < 4; ++i) {
            const long n = depth - k - i * kWidth;
            if (n > 0) x[i] = load(from + i * kWidth, n < kWidth ? n : kWidth);
            __builtin_prefetch(next + row * row_stride + k + i * kWidth, 0, 2);
          }
        }
        store_slices(group + row * kWidth, x, broadcast(factor[row]));
      }
    src += kWidth * row_stride;
    next += kWidth * row_stride;
  }
}

// Packs rows whose elements of one k are contiguous, as tiles of B.
static void pack_depth_strided(float* panel, const float* src, long depth_stride, long rows, long depth) {
  for (int tile = 0; tile < 2; ++tile) {
    const long n = rows - tile * kWidth < kWidth ? rows - tile * kWidth : kWidth;
    const float* from = src + tile * kWidth;
    const auto at = [&](long k) PLAINSIGHT_ALWAYS {
      return n > 0 && k < depth ? load(from + k * depth_stride, n) : vf{};
    };
    vi bits = {};
    for (long k = 0; k < depth; ++k) bits = max_magnitude(bits, at(k));
    const vf factor = quantisation_factors(bits, panel + tile * kWidth);
    float* group = panel + kPanel + tile * kTileFloats;
    for (long k = 0; k < depth; k += kGroup, group += kGroupFloats)
      for (int r = 0; r < 16; ++r) {
        const vf x[4] = {at(k + r), at(k + r + 16), at(k + r + 32), at(k + r + 48)};
        store_slices(group + r * kWidth, x, factor);
      }
  }
}

// Turns tiles of A into tiles of B, and back: transposes each as 16 x 16 fours of bytes.
static void transpose_tiles(float* panel, long depth) {
  float* tile = panel + kPanel;
  for (long i = 0; i < (depth + kGroup - 1) / kGroup * kSlices * 2; ++i, tile += kTileFloats) {
    vf rows[16];
    PLAINSIGHT_UNROLL
    for (int r = 0; r < 16; ++r) rows[r] = load(tile + r * kWidth);
    transpose(rows);
    PLAINSIGHT_UNROLL
    for (int r = 0; r < 16; ++r) store(tile + r * kWidth, rows[r]);
  }
}

// Packs panel by panel. While the last panel is packed, the first rows of the next block of the depth are
// prefetched, if there is one.
template <bool kOperandIsA>
static void pack(float* panels, const float* src, long row_stride, long depth_stride, long rows, long depth,
                 long panel_stride) {
  const bool has_next_k = depth < row_stride;
  const float* next_k = src + depth;
  for (; rows > 0; rows -= kPanel, src += kPanel * row_stride, panels += panel_stride) {
    const long n = rows < kPanel ? rows : kPanel;
    if (depth_stride == 1)
      pack_depth_contiguous(panels, src, n == rows && has_next_k ? next_k : src + kPanel * row_stride,
                            row_stride, n, depth);
    else
      pack_depth_strided(panels, src, depth_stride, n, depth);
    if (kOperandIsA != (depth_stride == 1)) transpose_tiles(panels, depth);
  }
}

static void pack_a(float* panels, const float* src, long row_stride, long depth_stride, long rows, long depth,
                   long panel_stride) {
  pack<true>(panels, src, row_stride, depth_stride, rows, depth, panel_stride);
}

static void pack_b(float* panels, const float* src, long col_stride, long depth_stride, long cols, long depth,
                   long panel_stride) {
  pack<false>(panels, src, col_stride, depth_stride, cols, depth, panel_stride);
}

// The shape of each of the eight tile registers: 16 rows of 64 bytes.
struct alignas(64) TileConfig {
  unsigned char palette = 1, start_row = 0, reserved[14] = {};
  unsigned short row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static constexpr TileConfig kTileConfig;

// Partial sums of a micro-tile over the depth, by order (weight): [0] of d0 e0, [1] of d0 e1 + d1 e0, [2] of
// d0 e2 + d1 e1 + d2 e0, and [3] of d1 e2 + d2 e1.
typedef int Sums[4][kPanel][kPanel];

// Computes the first kOrders of these, for the first 16 kHalves rows of A. Tile registers: 0 to 3 hold
// sums (2 x 2 tiles), 4 and 5 A, 6 and 7 B. One order after another, since the sums of all would need
// 16 registers.
template <int kOrders, int kHalves>
static void sum_products(Sums& sums, const float* a, const float* b, long groups, Prefetch& next) {
  constexpr long kStride = 64, kSumStride = kPanel * sizeof(float);
  asm volatile("" ::: "memory");  // the compiler does not know that tiles are loaded from memory
  PLAINSIGHT_UNROLL
  for (int order = 0; order < kOrders; ++order) {
    _tile_zero(0);
    _tile_zero(1);
    if constexpr (kHalves == 2) {
      _tile_zero(2);
      _tile_zero(3);
    }
    const float *ag = a + kPanel, *bg = b + kPanel;
    for (long g = 0; g < groups; ++g, ag += kGroupFloats, bg += kGroupFloats) {
      PLAINSIGHT_UNROLL
      for (int i = order < kSlices ? 0 : order - kSlices + 1; i < kSlices && i <= order; ++i) {
        _tile_loadd(4, ag + i * kSliceFloats, kStride);
        _tile_loadd(6, bg + (order - i) * kSliceFloats, kStride);
        _tile_dpbssd(0, 4, 6);
        _tile_loadd(7, bg + (order - i) * kSliceFloats + kTileFloats, kStride);
        _tile_dpbssd(1, 4, 7);
        if constexpr (kHalves == 2) {
          _tile_loadd(5, ag + i * kSliceFloats + kTileFloats, kStride);
          _tile_dpbssd(2, 5, 6);
          _tile_dpbssd(3, 5, 7);
        }
        for (long line = 0; line < next.lines; ++line, next.at += kWidth)
          __builtin_prefetch(next.at, 0, 2);  // into L2
      }
    }
    _tile_stored(0, sums[order][0], kSumStride);
    _tile_stored(1, sums[order][0] + kWidth, kSumStride);
    if constexpr (kHalves == 2) {
      _tile_stored(2, sums[order][16], kSumStride);
      _tile_stored(3, sums[order][16] + kWidth, kSumStride);
    }
  }
  asm volatile("" ::: "memory");
}

// Combines the int32 partial sums of C[r, i..i+15] into floats, before scaling: sum[0] 2^16 + sum[1] 2^8 +
// sum[2], and sum[3] / 2^8 where kOrders is 4. Each sum is exact as a float; the combination rounds.
template <int kOrders>
PLAINSIGHT_INLINE vf value_of(const Sums& sums, long r, long i) {
  const auto sum_of = [&](int order) PLAINSIGHT_ALWAYS {
    return __builtin_convertvector(load_ints(&sums[order][r][i]), vf);
  };
  const vf upper = fma(256.0f, fma(256.0f, sum_of(0), sum_of(1)), sum_of(2));
  return kOrders == kSlices ? upper : fma(1.0f / 256, sum_of(kSlices), upper);
}

// c[rows, cols] (+)= micro-panel of A times micro-panel of B, dequantised.
static void micro_kernel(float* c, long ldc, const float* a, const float* b, long groups, long rows,
                         long cols, bool accumulate) {
  alignas(64) Sums sums;
  Prefetch nothing = {};
  const auto sum = rows > kPanel / 2 ? sum_products<kSlices, 2> : sum_products<kSlices, 1>;
  sum(sums, a, b, groups, nothing);
  for (long r = 0; r < rows; ++r, c += ldc)
    for_each_vector(cols, [&](long i, long n) PLAINSIGHT_ALWAYS {
      const vf value = value_of<kSlices>(sums, r, i) * a[r] * load(b + i);
      store(c + i, accumulate ? load(c + i, n) + value : value, n);
    });
}

static void multiply(float* c, long ldc, long c_panel_stride, const float* a_panels, const float* b_panels,
                     long b_panel_stride, long m, long n, long depth, bool accumulate) {
  _tile_loadconfig(&kTileConfig);
  const long groups = (depth + kGroup - 1) / kGroup;
  for (long i = 0; i < m; i += kMR) {
    const float* a = a_panels + i * packed_depth(depth);
    const float* b = b_panels;
    float* cij = c + i * ldc;
    for (long j = 0; j < n; j += kNR, b += b_panel_stride, cij += c_panel_stride)
      micro_kernel(cij, ldc, a, b, groups, m - i < kPanel ? m - i : kPanel, n - j < kPanel ? n - j : kPanel,
                   accumulate);
  }
  _tile_release();
}
