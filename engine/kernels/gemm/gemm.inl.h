// Matrix products: packing, and the tile of C that stays in registers.
//
// Register budget, tile rows x vectors of a row:
//   AVX-512  14 x 2: 28 accumulators + 2 of B + 1 broadcast of A = 31 of 32 registers
//   AVX2      6 x 2: 12 + 2 + 1 = 15 of 16
//   baseline  6 x 2: the same (SSE2: 16 registers; NEON: 32)
// Each k loads 2 vectors of B and mr scalars of A for 2 mr multiply-adds, so loads are never the limit.
//
// Blocks: a panel of A (mr x kc: 14 KB) stays in L1 while panels of B stream past it from L2, where a whole
// block of B stays (kc x nc: 512 KB; every processor with AVX-512 has at least 1 MB, others mostly 512 KB:
// half of it is used).

static constexpr int kRows = kWidth == 16 ? 14 : 6;
static constexpr int kVectors = 2;
static constexpr int kCols = kVectors * kWidth;
static constexpr int kDepthBlock = 256;
static constexpr int kRowBlock = kRows * 72;
static constexpr int kColBlock = kWidth == 16 ? 512 : 256;

// Panels of both operands hold the floats as they are.
static constexpr bool kPlainPanels = true;
static long packed_depth(long depth) { return depth; }

static void pack_a(float* panels, const float* src, long lane_stride, long depth_stride, long lanes,
                   long depth, long panel_stride) {
  pack<kRows>(panels, src, lane_stride, depth_stride, lanes, depth, panel_stride);
}

static void pack_b(float* panels, const float* src, long lane_stride, long depth_stride, long lanes,
                   long depth, long panel_stride) {
  pack<kCols>(panels, src, lane_stride, depth_stride, lanes, depth, panel_stride);
}

// c[R, kCols] (+)= panel of A times panel of B. Every element is the sum of its products in the order of k.
template <int R>
static void tile(float* c, long ldc, const float* a, const float* b, long depth, bool accumulate) {
  PLAINSIGHT_UNROLL
  for (int i = 0; i < R; ++i) {
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kVectors; ++v) __builtin_prefetch(c + i * ldc + v * kWidth, 1);
  }
  vf sum[R][kVectors] = {};
  for (long k = 0; k < depth; ++k, a += kRows, b += kCols) {
    vf bk[kVectors];
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kVectors; ++v) bk[v] = load(b + v * kWidth);
    PLAINSIGHT_UNROLL
    for (int i = 0; i < R; ++i) {
      const vf aik = broadcast(a[i]);
      PLAINSIGHT_UNROLL
      for (int v = 0; v < kVectors; ++v) sum[i][v] = fma(aik, bk[v], sum[i][v]);
    }
  }
  PLAINSIGHT_UNROLL
  for (int i = 0; i < R; ++i) {
    PLAINSIGHT_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      float* p = c + i * ldc + v * kWidth;
      store(p, accumulate ? load(p) + sum[i][v] : sum[i][v]);
    }
  }
}

using Tile = void (*)(float*, long, const float*, const float*, long, bool);

// The tile of R rows, found by counting down from kRows.
template <int R>
static Tile tile_of(long rows) {
  if constexpr (R > 1)
    return rows >= R ? tile<R> : tile_of<R - 1>(rows);
  else
    return tile<1>;
}

static void multiply(float* c, long ldc, long c_panel_stride, const float* a_panels, const float* b_panels,
                     long b_panel_stride, long m, long n, long depth, bool accumulate) {
  for (long i = 0; i < m; i += kRows) {
    const long rows = m - i < kRows ? m - i : kRows;
    const Tile compute = tile_of<kRows>(rows);
    const float* a = a_panels + i * packed_depth(depth);
    const float* b = b_panels;
    float* cij = c + i * ldc;
    for (long j = 0; j < n; j += kCols, b += b_panel_stride, cij += c_panel_stride) {
      if (n - j >= kCols) {
        compute(cij, ldc, a, b, depth, accumulate);
        continue;
      }
      float edge[kRows * kCols];
      compute(edge, kCols, a, b, depth, false);
      for (long r = 0; r < rows; ++r)
        for (long q = 0; q < n - j; ++q) {
          float* p = cij + r * ldc + q;
          *p = accumulate ? *p + edge[r * kCols + q] : edge[r * kCols + q];
        }
    }
  }
}
