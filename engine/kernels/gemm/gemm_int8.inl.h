// Matrix products on AMX's integer unit, which multiplies bytes, with 32 times the multiply-adds of two
// AVX-512 units, and sums in 32 bits without rounding. The numbers of a lane (a row of A, a column of B)
// become whole numbers q of 24 bits, x = q unit with unit = max |x| / kMaxQuantised, and each q three digits,
// q = d0 2^16 + d1 2^8 + d2 with -128 <= d < 128:
//   q r = d0 e0 2^32 + (d0 e1 + d1 e0) 2^24 + (d0 e2 + d1 e1 + d2 e0) 2^16 + less than 2^24
// So six products of tiles give C with an error below 2^-20 max |a| max |b| for each k, even if all roundings
// were at their worst, and mostly far below it, as these average out: what float products give beside the
// lanes' largest numbers, but a number far below these keeps fewer digits. A lane below about 2^-105 counts
// as 0, one of A beyond 2^105 may give infinity, and one with a NaN or an infinity makes its row or column of
// C NaN.
//
// A panel holds 32 lanes: their units, then groups of 64 k as [digit][tile of 16 lanes][16 rows][64 bytes].
// The unit adds up the products of four neighbouring bytes; here these are k, k + 16, k + 32 and k + 48 of a
// group, so that whole vectors are taken apart without a shuffle. A row of A's tile is a lane with its 16
// fours; a row of B's tile is a four of each of 16 lanes.

#pragma once

#include "engine/kernels/gemm/blocking.inl.h"

static_assert(kWidth == 16);
static constexpr int kPanel = 32;  // rows of A, or columns of B, of a micro-panel
static_assert(kMR == kPanel && kNR == kPanel);

static constexpr bool kFloatPanels = false;

static constexpr int kGroup = 64, kSlices = 3;
// Sizes of a tile, of one digit of a group and of a group, counted in floats.
static constexpr int kTileFloats = 16 * kWidth, kSliceFloats = 2 * kTileFloats,
                     kGroupFloats = kSlices * kSliceFloats;
static constexpr float kMaxQuantised = 127 << 16;  // 127 for the first digit, and the others may carry
static_assert(kSlices * 128 * 128 * kKC <= 1 << 24, "a sum of digits' products is exact as a float");

// A row of units for each block of the depth.
static long packed_depth(long depth) {
  return (depth + kGroup - 1) / kGroup * (kGroupFloats / kPanel) + (depth + kKC - 1) / kKC;
}

// The larger of |x| and what came before, as bits: there NaN exceeds infinity, and infinity every number.
PLAINSIGHT_INLINE vi max_magnitude(vi bits, vf x) {
  const vi magnitude = as_ints(x) & 0x7fffffff;
  return bits > magnitude ? bits : magnitude;
}

PLAINSIGHT_INLINE int largest_of(vi bits) {
  const auto with = [&](vi other) PLAINSIGHT_ALWAYS { bits = bits > other ? bits : other; };
  with(__builtin_shufflevector(bits, bits, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  with(__builtin_shufflevector(bits, bits, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  with(__builtin_shufflevector(bits, bits, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  with(__builtin_shufflevector(bits, bits, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  return bits[0];
}

// What the numbers of 16 lanes are multiplied by to be whole. Writes their units, 2^8 times as large: C takes
// both operands' and is to have the products of the last line above, which count 2^16. A lane of almost
// nothing, whose factor is infinity, has the unit 0; one with an infinity or a NaN has the unit NaN, since
// what is no number has the digits of some number.
PLAINSIGHT_INLINE vf quantisation_factors(vi max_bits, float* units) {
  const vf largest = as_floats(max_bits), scale = kMaxQuantised / largest;
  const vf unit = fma(largest, vf{}, largest * (256 / kMaxQuantised));
  store(units, scale == __builtin_inff() ? vf{} : unit);
  return scale;
}

PLAINSIGHT_INLINE vi load_ints(const int* p) { return as_ints(load(reinterpret_cast<const float*>(p))); }

// a, but where the mask has ones the bytes of b from kFrom places further on, within each four.
template <int kFrom>
PLAINSIGHT_INLINE vi merge(vi a, __mmask64 mask, vi b) {
  const auto bytes = reinterpret_cast<__m512i>(b);
  return reinterpret_cast<vi>(
      _mm512_mask_alignr_epi8(reinterpret_cast<__m512i>(a), mask, bytes, bytes, (16 + kFrom) % 16));
}

// The digits of four vectors of numbers, a byte of each vector side by side.
PLAINSIGHT_INLINE void store_slices(float* to, const vf* x, vf scale) {
  // With 128 added to each of the lower two, a number's digits are its bytes, the lowest first; the exclusive
  // or takes it off again.
  constexpr int kBias = 0x8080, kSigns = static_cast<int>(0x80808080);
  constexpr __mmask64 kEven = 0x5555555555555555, kLow = 0x3333333333333333;
  vi q[4];
  PLAINSIGHT_UNROLL
  for (int i = 0; i < 4; ++i)
    q[i] = reinterpret_cast<vi>(_mm512_maskz_cvtps_epi32(
        static_cast<__mmask16>(-1), fma(x[i], scale, broadcast(static_cast<float>(kBias)))));
  const vi d02_of_01 = merge<-1>(q[0], ~kEven, q[1]), d02_of_23 = merge<-1>(q[2], ~kEven, q[3]);
  const vi d1_of_01 = merge<1>(q[1], kEven, q[0]), d1_of_23 = merge<1>(q[3], kEven, q[2]);
  store(to, as_floats(merge<2>(d02_of_23, kLow, d02_of_01)));
  store(to + kSliceFloats, as_floats(merge<-2>(d1_of_01, ~kLow, d1_of_23) ^ kSigns));
  store(to + 2 * kSliceFloats, as_floats(merge<-2>(d02_of_01, ~kLow, d02_of_23) ^ kSigns));
}

// Numbers of a lane lie side by side: tiles of A. What lies at `next` in the same way is asked for meanwhile,
// since weights come from memory. 16 lanes at a time, as they are read twice and are to stay in L1.
static void pack_along_depth(float* panel, const float* src, const float* next, long lane_stride, long lanes,
                             long depth) {
  for (int tile = 0; tile < 2; ++tile, lanes -= kWidth) {
    alignas(64) int max_bits[kWidth] = {};
    alignas(64) float scale[kWidth];
    for (long lane = 0; lane < kWidth && lane < lanes; ++lane) {
      vi bits = {};
      for_each_vector(depth, [&](long k, long n) PLAINSIGHT_ALWAYS {
        bits = max_magnitude(bits, load(src + lane * lane_stride + k, n));
      });
      max_bits[lane] = largest_of(bits);
    }
    store(scale, quantisation_factors(load_ints(max_bits), panel + tile * kWidth));
    float* group = panel + kPanel + tile * kTileFloats;
    for (long k = 0; k < depth; k += kGroup, group += kGroupFloats)
      for (long lane = 0; lane < kWidth; ++lane) {
        vf x[4] = {};
        if (lane < lanes) {
          const float* from = src + lane * lane_stride + k;
          PLAINSIGHT_UNROLL
          for (int i = 0; i < 4; ++i) {
            const long n = depth - k - i * kWidth;
            if (n > 0) x[i] = load(from + i * kWidth, n < kWidth ? n : kWidth);
            __builtin_prefetch(next + lane * lane_stride + k + i * kWidth, 0, 2);
          }
        }
        store_slices(group + lane * kWidth, x, broadcast(scale[lane]));
      }
    src += kWidth * lane_stride;
    next += kWidth * lane_stride;
  }
}

// Numbers of one k lie side by side: tiles of B.
static void pack_across_lanes(float* panel, const float* src, long depth_stride, long lanes, long depth) {
  for (int tile = 0; tile < 2; ++tile) {
    const long n = lanes - tile * kWidth < kWidth ? lanes - tile * kWidth : kWidth;
    const float* from = src + tile * kWidth;
    const auto at = [&](long k) PLAINSIGHT_ALWAYS {
      return n > 0 && k < depth ? load(from + k * depth_stride, n) : vf{};
    };
    vi bits = {};
    for (long k = 0; k < depth; ++k) bits = max_magnitude(bits, at(k));
    const vf scale = quantisation_factors(bits, panel + tile * kWidth);
    float* group = panel + kPanel + tile * kTileFloats;
    for (long k = 0; k < depth; k += kGroup, group += kGroupFloats)
      for (int r = 0; r < 16; ++r) {
        const vf x[4] = {at(k + r), at(k + r + 16), at(k + r + 32), at(k + r + 48)};
        store_slices(group + r * kWidth, x, scale);
      }
  }
}

// Tiles of A become tiles of B, and back.
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

template <bool kOperandIsA>
static void pack(float* panels, const float* src, long lane_stride, long depth_stride, long lanes, long depth,
                 long panel_stride) {
  const bool has_next_k = depth < lane_stride;
  const float* next_k = src + depth;
  for (; lanes > 0; lanes -= kPanel, src += kPanel * lane_stride, panels += panel_stride) {
    const long n = lanes < kPanel ? lanes : kPanel;
    if (depth_stride == 1)
      pack_along_depth(panels, src, n == lanes && has_next_k ? next_k : src + kPanel * lane_stride,
                       lane_stride, n, depth);
    else
      pack_across_lanes(panels, src, depth_stride, n, depth);
    if (kOperandIsA != (depth_stride == 1)) transpose_tiles(panels, depth);
  }
}

static void pack_a(float* panels, const float* src, long lane_stride, long depth_stride, long lanes,
                   long depth, long panel_stride) {
  pack<true>(panels, src, lane_stride, depth_stride, lanes, depth, panel_stride);
}

static void pack_b(float* panels, const float* src, long lane_stride, long depth_stride, long lanes,
                   long depth, long panel_stride) {
  pack<false>(panels, src, lane_stride, depth_stride, lanes, depth, panel_stride);
}

// What the eight tile registers hold: 16 rows of 64 bytes each.
struct alignas(64) TileConfig {
  unsigned char palette = 1, start_row = 0, reserved[14] = {};
  unsigned short row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static constexpr TileConfig kTileConfig;

// The sums over the groups of two panels: of d0 e0, of d0 e1 + d1 e0, of d0 e2 + d1 e1 + d2 e0, and of d1 e2
// + d2 e1.
typedef int Sums[4][kPanel][kPanel];

// The first kOrders of these, for the 16 kHalves first rows of A. Registers: 0 to 3 sums, 4 and 5 A, 6 and 7
// B.
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

// What kOrders sums of row r and columns i to i + 15 say, in the units of both lanes. Every sum is exact as a
// float.
template <int kOrders>
PLAINSIGHT_INLINE vf value_of(const Sums& sums, long r, long i) {
  const auto sum_of = [&](int order) PLAINSIGHT_ALWAYS {
    return __builtin_convertvector(load_ints(&sums[order][r][i]), vf);
  };
  const vf upper = fma(256.0f, fma(256.0f, sum_of(0), sum_of(1)), sum_of(2));
  return kOrders == kSlices ? upper : fma(1.0f / 256, sum_of(kSlices), upper);
}

// c[rows, cols] (+)= panel of A times panel of B.
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
