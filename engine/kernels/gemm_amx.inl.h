// Matrix products on AMX's matrix unit, which multiplies bfloat16 numbers (8 of a float's 24 bits) and sums
// in float, with 16 times the multiply-adds of two AVX-512 units. A float is exactly the sum of three
// bfloat16, x = x0 + x1 + x2, and
//   x y = x0 y0 + (x0 y1 + x1 y0) + (x0 y2 + x1 y1 + x2 y0) + less than 2^-23 |x y|
// so six products of tiles give what float products give, at most 16 / 6 times as fast. The unit takes parts,
// products and sums below 2^-126 as 0: numbers and products below 2^-103 lose digits. An infinity, or a
// number so close to the largest float that x0 rounds to one (from 3.396e38 on), becomes NaN; NaN stays NaN.
//
// A tile register holds 16 rows of 64 bytes. The 32 x 32 tile of C takes four of the eight; two tiles of A
// and two of B pass through the others, for 32 k at a time: a group. Groups are packed as [part][tile][16
// rows][32 bfloat16], where a tile of A holds 16 of the 32 rows of A, and one of B 16 of the 32 columns of B
// as pairs side by side. The unit sums the products of pairs; here a pair is k and k + 16 of a group, so that
// both operands are split in the same way, without a shuffle.

static_assert(kWidth == 16);
static constexpr int kRows = 32;
static constexpr int kVectors = 2;
static constexpr int kCols = kVectors * kWidth;
static constexpr int kDepthBlock = 256;
// As in gemm.inl.h, but split numbers take 6 bytes: a block of B has 768 KB, for processors with AMX have 2
// MB of L2.
static constexpr int kRowBlock = kRows * 32;
static constexpr int kColBlock = 512;

static constexpr int kGroup = 32, kParts = 3;
static constexpr int kGroupsAtOnce = 4;  // 24 KB of A stay in L1 while panels of B pass from L2
static constexpr int kTileRows = 16;
// Sizes of a tile, of one part of a group and of a group, counted in floats: two bfloat16 each.
static constexpr int kTile = kTileRows * kWidth;
static constexpr int kPart = 2 * kTile, kGroupSize = kParts * kPart;

static constexpr bool kPlainPanels = false;
static long packed_depth(long depth) { return (depth + kGroup - 1) / kGroup * (kGroupSize / kRows); }

PLAINSIGHT_INLINE vu bits(vf x) { return reinterpret_cast<vu>(x); }
PLAINSIGHT_INLINE vf from_bits(vu x) { return reinterpret_cast<vf>(x); }

// Pairs of x and y, split: the upper halves of the floats, rounded, then those of what is left. What two
// parts leave fits into an upper half, unless it is too small for the unit.
PLAINSIGHT_INLINE void split(float* to, vf x, vf y) {
  constexpr unsigned kHalf = 0x8000u, kUpper = 0xffff0000u;
  PLAINSIGHT_UNROLL
  for (int part = 0; part < kParts - 1; ++part, to += kPart) {
    const vu upper_x = (bits(x) + kHalf) & kUpper, upper_y = (bits(y) + kHalf) & kUpper;
    store(to, from_bits(upper_x >> 16 | upper_y));
    x -= from_bits(upper_x);
    y -= from_bits(upper_y);
  }
  store(to, from_bits(bits(x) >> 16 | (bits(y) & kUpper)));
}

static void pack_a(float* panels, const float* src, long lane_stride, long depth_stride, long lanes,
                   long depth, long panel_stride) {
  alignas(64) float block[kRows * kGroup];
  for (; lanes > 0; lanes -= kRows, src += kRows * lane_stride, panels += panel_stride) {
    const long rows = lanes < kRows ? lanes : kRows;
    for (long i = rows * kGroup; i < kRows * kGroup; ++i) block[i] = 0;
    float* group = panels;
    for (long k = 0; k < depth; k += kGroup, group += kGroupSize) {
      const float* from = src + k * depth_stride;
      long stride = lane_stride;
      if (depth_stride != 1 || rows < kRows || depth - k < kGroup) {
        pack<kGroup>(block, from, depth_stride, lane_stride, depth - k < kGroup ? depth - k : kGroup, rows,
                     0);
        from = block;
        stride = kGroup;
      }
      for (int i = 0; i < kRows; ++i)
        split(group + i * kWidth, load(from + i * stride), load(from + i * stride + kWidth));
    }
  }
}

static void pack_b(float* panels, const float* src, long lane_stride, long depth_stride, long lanes,
                   long depth, long panel_stride) {
  alignas(64) float block[kGroup * kCols];
  for (; lanes > 0; lanes -= kCols, src += kCols * lane_stride, panels += panel_stride) {
    float* group = panels;
    for (long k = 0; k < depth; k += kGroup, group += kGroupSize) {
      const long rows = depth - k < kGroup ? depth - k : kGroup;
      const float* from = src + k * depth_stride;
      long stride = depth_stride;
      if (lane_stride != 1 || lanes < kCols || rows < kGroup) {
        pack<kCols>(block, from, lane_stride, depth_stride, lanes < kCols ? lanes : kCols, rows, 0);
        for (long i = rows * kCols; i < kGroup * kCols; ++i) block[i] = 0;
        from = block;
        stride = kCols;
      }
      for (int i = 0; i < kTileRows; ++i)
        for (int tile = 0; tile < 2; ++tile) {
          const float* x = from + i * stride + tile * kWidth;
          split(group + tile * kTile + i * kWidth, load(x), load(x + kTileRows * stride));
        }
    }
  }
}

// What the eight tile registers hold: 16 rows of 64 bytes each.
struct alignas(64) TileConfig {
  unsigned char palette = 1, start_row = 0, reserved[14] = {};
  unsigned short row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static constexpr TileConfig kTileConfig;

// c[16 kHalves, 32] (+)= the sum over the groups. Registers: 0 to 3 C, 4 and 5 A, 6 and 7 B.
template <int kHalves>
static void tile(float* c, long ldc, const float* a, const float* b, long groups, bool accumulate) {
  constexpr long kStride = 64;
  const long row_bytes = ldc * static_cast<long>(sizeof(float));
  asm volatile("" ::: "memory");  // the compiler does not know that tiles are loaded from memory
  const auto load_a = [&](int part) PLAINSIGHT_ALWAYS {
    _tile_loadd(4, a + part * kPart, kStride);
    if constexpr (kHalves == 2) _tile_loadd(5, a + part * kPart + kTile, kStride);
  };
  const auto load_b = [&](int part) PLAINSIGHT_ALWAYS {
    _tile_loadd(6, b + part * kPart, kStride);
    _tile_loadd(7, b + part * kPart + kTile, kStride);
  };
  const auto multiply_tiles = []() PLAINSIGHT_ALWAYS {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if constexpr (kHalves == 2) {
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  };
  if (accumulate) {
    _tile_loadd(0, c, row_bytes);
    _tile_loadd(1, c + kWidth, row_bytes);
    if constexpr (kHalves == 2) {
      _tile_loadd(2, c + kTileRows * ldc, row_bytes);
      _tile_loadd(3, c + kTileRows * ldc + kWidth, row_bytes);
    }
  } else {
    _tile_zero(0);
    _tile_zero(1);
    if constexpr (kHalves == 2) {
      _tile_zero(2);
      _tile_zero(3);
    }
  }
  for (long g = 0; g < groups; ++g, a += kGroupSize, b += kGroupSize) {
    // An order in which each product shares an operand with the one before.
    load_a(0), load_b(2), multiply_tiles();
    load_b(1), multiply_tiles();
    load_a(1), multiply_tiles();
    load_b(0), multiply_tiles();
    load_a(2), multiply_tiles();
    load_a(0), multiply_tiles();
  }
  _tile_stored(0, c, row_bytes);
  _tile_stored(1, c + kWidth, row_bytes);
  if constexpr (kHalves == 2) {
    _tile_stored(2, c + kTileRows * ldc, row_bytes);
    _tile_stored(3, c + kTileRows * ldc + kWidth, row_bytes);
  }
}

static void copy_block(float* to, long to_stride, const float* from, long from_stride, long rows, long cols) {
  for (long r = 0; r < rows; ++r)
    for (long q = 0; q < cols; ++q) to[r * to_stride + q] = from[r * from_stride + q];
}

static void multiply(float* c, long ldc, long c_panel_stride, const float* a_panels, const float* b_panels,
                     long b_panel_stride, long m, long n, long depth, bool accumulate) {
  _tile_loadconfig(&kTileConfig);
  const long groups = (depth + kGroup - 1) / kGroup;
  for (long i = 0; i < m; i += kRows) {
    const long rows = m - i < kRows ? m - i : kRows;
    const auto compute = rows > kTileRows ? tile<2> : tile<1>;
    for (long g = 0; g < groups; g += kGroupsAtOnce) {
      const long count = groups - g < kGroupsAtOnce ? groups - g : kGroupsAtOnce;
      const float* a = a_panels + i * packed_depth(depth) + g * kGroupSize;
      const float* b = b_panels + g * kGroupSize;
      float* cij = c + i * ldc;
      for (long j = 0; j < n; j += kCols, b += b_panel_stride, cij += c_panel_stride) {
        const long cols = n - j < kCols ? n - j : kCols;
        if (rows == kRows && cols == kCols) {
          compute(cij, ldc, a, b, count, accumulate || g > 0);
          continue;
        }
        alignas(64) float edge[kRows * kCols] = {};
        if (accumulate || g > 0) copy_block(edge, kCols, cij, ldc, rows, cols);
        compute(edge, kCols, a, b, count, accumulate || g > 0);
        copy_block(cij, ldc, edge, kCols, rows, cols);
      }
    }
  }
  _tile_release();
}
