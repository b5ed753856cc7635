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

// Transposes a kWidth x kWidth block: after log2(kWidth) rounds of interleaving row i with row i + kWidth/2,
// rows are columns.
PLAINSIGHT_INLINE void transpose(vf* rows) {
  vf other[kWidth];
  vf *from = rows, *to = other;
  PLAINSIGHT_UNROLL
  for (int round = 1; round < kWidth; round *= 2) {
    PLAINSIGHT_UNROLL
    for (int i = 0; i < kWidth / 2; ++i) {
      to[2 * i] = interleave_low(from[i], from[i + kWidth / 2]);
      to[2 * i + 1] = interleave_high(from[i], from[i + kWidth / 2]);
    }
    vf* t = from;
    from = to;
    to = t;
  }
  if (from != rows) {
    PLAINSIGHT_UNROLL
    for (int i = 0; i < kWidth; ++i) rows[i] = from[i];
  }
}

// One panel of W lanes, of which `lanes` exist; src is contiguous along the depth, so blocks are transposed in registers.
// Rows of kWidth lanes may be stored up to kWidth - 1 floats past their panel row: the next row puts that right.
// Each row of a block lies in a page of its own, which defeats the hardware's prefetching: the next panel's rows are asked for here.
template <int W>
static void pack_panel_transposed(float* panel, const float* src, long lane_stride, long lanes, long depth) {
  constexpr int kBlocks = (W + kWidth - 1) / kWidth;
  long k = 0;
  for (; k + kWidth <= depth; k += kWidth) {
    vf block[kBlocks][kWidth];
    for (int v = 0; v < kBlocks; ++v) {
      PLAINSIGHT_UNROLL
      for (int i = 0; i < kWidth; ++i) {
        const int lane = v * kWidth + i;
        block[v][i] = lane < W && lane < lanes ? load(src + lane * lane_stride + k) : vf{};
        if (lane < W) __builtin_prefetch(src + (lane + W) * lane_stride + k);
      }
      transpose(block[v]);
    }
    for (int i = 0; i < kWidth; ++i)
      for (int v = 0; v < kBlocks; ++v) store(panel + (k + i) * W + v * kWidth, block[v][i]);
  }
  for (; k < depth; ++k)
    for (int i = 0; i < W; ++i) panel[k * W + i] = i < lanes ? src[i * lane_stride + k] : 0.0f;
}

// Lanes that lie side by side in src: whole rows of it are read, a piece for each of a few panels at a time.
template <int W>
static void pack_panels_copied(float* panels, const float* src, long depth_stride, long lanes, long depth,
                               long panel_stride) {
  for (long k = 0; k < depth; ++k, src += depth_stride) {
    float* to = panels + k * W;
    long lane = 0;
    for (; lane + W <= lanes; lane += W, to += panel_stride) {
      for (int i = 0; i < W; ++i) to[i] = src[lane + i];
    }
    for (int i = 0; lane < lanes && i < W; ++i) to[i] = lane + i < lanes ? src[lane + i] : 0.0f;
  }
}

template <int W>
static void pack(float* panels, const float* src, long lane_stride, long depth_stride, long lanes, long depth,
                 long panel_stride) {
  // Together wide enough to read full cache lines, few enough that their lines stay in L1 until they are full.
  constexpr long kTogether = 4;
  while (lanes > 0) {
    const long count = depth_stride == 1 ? 1 : kTogether;
    if (depth_stride == 1)
      pack_panel_transposed<W>(panels, src, lane_stride, lanes, depth);
    else
      pack_panels_copied<W>(panels, src, depth_stride, lanes < count * W ? lanes : count * W, depth,
                            panel_stride);
    panels += count * panel_stride;
    src += count * W * lane_stride;
    lanes -= count * W;
  }
}

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
      for (int v = 0; v < kVectors; ++v) sum[i][v] += aik * bk[v];
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
    const float* a = a_panels + i * depth;
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
