#include "engine/kernels/gemm/gemm.h"

#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/kernels/gemm/pack_buffers.h"

// The loops around the micro-kernel, and their division among threads: docs/course/gemm.md.

namespace plainsight {
namespace {

struct Product {
  const KernelTable& table;
  View C;
  std::int64_t K;
  StridedOperand A;
  StridedOperand B;              // unless b_packed
  const PackedPanels* b_packed;  // all of B, or nullptr
  Accumulate accumulate;
};

struct Interval {
  std::int64_t begin, end;
};

/// One thread's block of C.
///
/// The loops are BLIS's with A and B exchanged: there jc (NC), pc (KC), ic (MC), a micro-panel of B in L1 and
/// a block of A in L2; here ic (MC), pc (KC), jc (NC), a micro-panel of A in L1 and a block of B in L2. So a
/// B that was packed once is used in place, and only A, which is the activations, is packed for each product.
/// A B that is not packed yet is packed again for each block of MC rows: one element a cycle, against MC
/// multiply-adds with it.
void multiply_block(const Product& p, Interval rows, Interval cols) {
  using Operand = PackedPanels::Operand;
  const GemmKernels& g = p.table.gemm;
  PackBuffers& buffers = pack_buffers(g);
  // Loop ic over the rows, MC at a time.
  for_each_block(rows.end - rows.begin, g.mc, [&](std::int64_t i, std::int64_t m) {
    i += rows.begin;
    // Loop pc over the depth, KC at a time: C is read and written once for each block.
    for_each_block(p.K, g.kc, [&](std::int64_t k, std::int64_t depth) {
      const Accumulate accumulate = k > 0 ? Accumulate::yes : p.accumulate;
      // The block of A, MC x KC, is read once for each block of B; its micro-panels pass through L1.
      const PackedPanels a(g, Operand::a, m, depth, buffers.a.get());
      a.pack({p.A.at(i, k), p.A.row_stride, p.A.depth_stride});
      // Loop jc over the columns, NC at a time: a block of B, KC x NC, stays in L2 while all of A's
      // micro-panels meet it.
      for_each_block(cols.end - cols.begin, g.nc, [&](std::int64_t j, std::int64_t n) {
        j += cols.begin;
        float* const c = p.C.row(i) + j;
        if (p.b_packed != nullptr) {
          multiply_panels(c, p.C.cols(), a, p.b_packed->depth_block(k).slice_rows(j, n), accumulate);
          return;
        }
        const PackedPanels b(g, Operand::b, n, depth, buffers.b.get());
        b.pack({p.B.at(j, k), p.B.row_stride, p.B.depth_stride});
        // Loops ir and jr over the micro-tiles, MR x NR: the macro-kernel.
        multiply_panels(c, p.C.cols(), a, b, accumulate);
      });
    });
  });
}

/// How many threads share the rows and how many the columns of C.
struct Grid {
  std::int64_t rows, cols;
};

/// The grid whose largest block takes the least time: multiply-adds, plus packing, which the blocks of one
/// row or column of the grid repeat.
Grid choose_grid(const Product& p, std::int64_t thread_count) {
  const GemmKernels& g = p.table.gemm;
  const std::int64_t M = p.C.rows(), N = p.C.cols();
  // Below this a second thread costs more to wake than it saves (10 us of work with AVX-512, 3 with AMX).
  if (static_cast<double>(M) * static_cast<double>(N) * static_cast<double>(p.K) < 500e3) return {1, 1};
  const auto row_panels = ceil_div(M, g.mr), col_panels = ceil_div(N, g.nr);
  Grid best{1, 1};
  double best_time = -1;
  for (std::int64_t r = 1; r <= thread_count; ++r) {
    const std::int64_t c = thread_count / r;
    const double m = static_cast<double>(std::min(M, ceil_div(row_panels, r) * g.mr));
    const double n = static_cast<double>(std::min(N, ceil_div(col_panels, c) * g.nr));
    // Cycles for one k: m n multiply-adds, a vector at a time (ten with AMX, which changes no choice that
    // matters), and one for each element packed.
    const double time = m * n / p.table.width + m + (p.b_packed != nullptr ? 0 : n);
    if (best_time < 0 || time < best_time) best = {r, c}, best_time = time;
  }
  return best;
}

/// Part i of `of` nearly equal parts of n elements, cut at multiples of `panel`.
Interval part(std::int64_t n, std::int64_t panel, std::int64_t i, std::int64_t of) {
  const std::int64_t panels = ceil_div(n, panel);
  return {std::min(n, panels * i / of * panel), std::min(n, panels * (i + 1) / of * panel)};
}

void run(const Product& p) {
  const std::int64_t M = p.C.rows(), N = p.C.cols();
  if (M == 0 || N == 0) return;
  if (p.K == 0) {
    if (p.accumulate == Accumulate::no) std::fill_n(p.C.data, M * N, 0.0f);
    return;
  }
  const Grid grid = choose_grid(p, threads());
  parallel_for(grid.rows * grid.cols, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t)
      multiply_block(p, part(M, p.table.gemm.mr, t / grid.cols, grid.rows),
                     part(N, p.table.gemm.nr, t % grid.cols, grid.cols));
  });
}

}  // namespace

void gemm(const KernelTable& table, View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b,
          Accumulate accumulate) {
  const bool ta = trans_a == Trans::yes, tb = trans_b == Trans::yes;
  const std::int64_t K = ta ? A.rows() : A.cols();
  require(C.rows() == (ta ? A.cols() : A.rows()) && C.cols() == (tb ? B.rows() : B.cols()),
          "gemm: C is not [M,N]");
  require((tb ? B.cols() : B.rows()) == K, "gemm: the inner sizes of A and B differ");
  const StridedOperand a = ta ? StridedOperand::columns_of(A) : StridedOperand::rows_of(A),
                       b = tb ? StridedOperand::rows_of(B) : StridedOperand::columns_of(B);
  run({table, C, K, a, b, nullptr, accumulate});
}

void gemm(View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b, Accumulate accumulate) {
  gemm(kernels(), C, A, trans_a, B, trans_b, accumulate);
}

void gemm_packed(View C, ConstView A, const PackedB& B, Accumulate accumulate) {
  require(A.cols() == B.K() && C.rows() == A.rows() && C.cols() == B.N(), "gemm_packed: shapes do not fit");
  run({B.table(), C, B.K(), StridedOperand::rows_of(A), {}, &B.panels(), accumulate});
}

}  // namespace plainsight
