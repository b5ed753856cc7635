#include "engine/kernels/gemm/gemm.h"

#include <algorithm>
#include <cstring>

#include "engine/base/parallel.h"
#include "engine/base/round.h"

namespace plainsight {
namespace {

/// op(X) as strides: element (i, k) of op(A) is data[i * lane + k * depth], element (k, j) of op(B) data[j *
/// lane + k * depth].
struct Operand {
  const float* data;
  long lane, depth;
};

struct Product {
  const KernelTable& table;
  float* c;
  std::int64_t m, n, k;
  Operand a;
  Operand b;              // unless b_panels
  const float* b_panels;  // panels of B over the whole depth, or nullptr
  bool accumulate;
};

/// Each thread's packing buffers, allocated at its first product and never again.
struct Scratch {
  explicit Scratch(const GemmKernels& g)
      : a(allocate_floats_uninitialized(static_cast<std::size_t>(g.mc * g.packed_depth(g.kc) + kPackSlack))),
        b(allocate_floats_uninitialized(static_cast<std::size_t>(g.nc * g.packed_depth(g.kc)))) {}
  FloatBuffer a, b;
};

Scratch& scratch_of(const KernelTable& table) {
  thread_local std::unique_ptr<Scratch> scratch[4];  // one for each Isa
  auto& s = scratch[static_cast<std::size_t>(table.isa)];
  if (!s) s = std::make_unique<Scratch>(table.gemm);
  return *s;
}

struct Range {
  std::int64_t begin, end;
};

/// One thread's block of C.
void multiply_block(const Product& p, Range rows, Range cols) {
  const GemmKernels& g = p.table.gemm;
  Scratch& scratch = scratch_of(p.table);
  for (std::int64_t i = rows.begin; i < rows.end; i += g.mc) {
    const std::int64_t m = std::min<std::int64_t>(g.mc, rows.end - i);
    for (std::int64_t k = 0; k < p.k; k += g.kc) {
      const std::int64_t depth = std::min<std::int64_t>(g.kc, p.k - k);
      const bool accumulate = p.accumulate || k > 0;
      g.pack_a(scratch.a.get(), p.a.data + i * p.a.lane + k * p.a.depth, p.a.lane, p.a.depth, m, depth,
               g.packed_depth(depth) * g.mr);
      for (std::int64_t j = cols.begin; j < cols.end; j += g.nc) {
        const std::int64_t n = std::min<std::int64_t>(g.nc, cols.end - j);
        const float* b = scratch.b.get();
        long panel_stride = g.packed_depth(depth) * g.nr;
        if (p.b_panels != nullptr) {
          panel_stride = g.packed_depth(p.k) * g.nr;
          b = p.b_panels + j / g.nr * panel_stride + g.packed_depth(k) * g.nr;
        } else {
          g.pack_b(scratch.b.get(), p.b.data + j * p.b.lane + k * p.b.depth, p.b.lane, p.b.depth, n, depth,
                   panel_stride);
        }
        g.multiply(p.c + i * p.n + j, p.n, g.nr, scratch.a.get(), b, panel_stride, m, n, depth, accumulate);
      }
    }
  }
}

/// How many threads share the rows and how many the columns of C.
struct Grid {
  std::int64_t rows, cols;
};

/// The grid of least time for its largest block: multiply-adds, plus packing, which blocks in one row or
/// column of the grid repeat.
Grid choose_grid(const Product& p, std::int64_t thread_count) {
  const GemmKernels& g = p.table.gemm;
  // Below this a second thread costs more to wake than it saves (10 us of work with AVX-512, 3 with AMX).
  if (static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k) < 500e3) return {1, 1};
  const auto row_panels = ceil_div(p.m, g.mr), col_panels = ceil_div(p.n, g.nr);
  Grid best{1, 1};
  double best_time = -1;
  for (std::int64_t r = 1; r <= thread_count; ++r) {
    const std::int64_t c = thread_count / r;
    const double m = static_cast<double>(std::min(p.m, ceil_div(row_panels, r) * g.mr));
    const double n = static_cast<double>(std::min(p.n, ceil_div(col_panels, c) * g.nr));
    // One k: m n multiply-adds, a vector at a time (with AMX ten, which changes no choice that matters);
    // about one element packed in a cycle.
    const double time = m * n / p.table.width + m + (p.b_panels != nullptr ? 0 : n);
    if (best_time < 0 || time < best_time) best = {r, c}, best_time = time;
  }
  return best;
}

void run(const Product& p) {
  if (p.m == 0 || p.n == 0) return;
  if (p.k == 0) {
    if (!p.accumulate) std::memset(p.c, 0, static_cast<std::size_t>(p.m * p.n) * sizeof(float));
    return;
  }
  const GemmKernels& g = p.table.gemm;
  const Grid grid = choose_grid(p, threads());
  const auto row_panels = ceil_div(p.m, g.mr), col_panels = ceil_div(p.n, g.nr);
  parallel_for(grid.rows * grid.cols, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      const std::int64_t r = t / grid.cols, c = t % grid.cols;
      const auto share = [](std::int64_t panels, std::int64_t of, std::int64_t i, std::int64_t width,
                            std::int64_t limit) {
        return Range{std::min(limit, panels * i / of * width),
                     std::min(limit, panels * (i + 1) / of * width)};
      };
      multiply_block(p, share(row_panels, grid.rows, r, g.mr, p.m),
                     share(col_panels, grid.cols, c, g.nr, p.n));
    }
  });
}

/// op(X) has `lanes` rows (of A) or columns (of B), each of `depth`; x is its storage.
Operand operand(ConstView x, bool lanes_are_rows) {
  return lanes_are_rows ? Operand{x.data, x.cols(), 1} : Operand{x.data, 1, x.cols()};
}

}  // namespace

void gemm(const KernelTable& table, View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b,
          Accumulate accumulate) {
  const bool ta = trans_a == Trans::yes, tb = trans_b == Trans::yes;
  const std::int64_t m = ta ? A.cols() : A.rows(), k = ta ? A.rows() : A.cols(), n = tb ? B.rows() : B.cols();
  require(C.rows() == m && C.cols() == n, "gemm: C is not [M,N]");
  require((tb ? B.cols() : B.rows()) == k, "gemm: the inner sizes of A and B differ");
  run({table, C.data, m, n, k, operand(A, !ta), operand(B, tb), nullptr, accumulate == Accumulate::yes});
}

void gemm(View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b, Accumulate accumulate) {
  gemm(kernels(), C, A, trans_a, B, trans_b, accumulate);
}

std::size_t PackedB::size(const KernelTable& table, ConstView B, Trans trans_b) {
  const bool tb = trans_b == Trans::yes;
  return static_cast<std::size_t>(table.gemm.packed_depth(tb ? B.cols() : B.rows()) *
                                  round_up(tb ? B.rows() : B.cols(), table.gemm.nr));
}

PackedB::PackedB(const KernelTable& table, ConstView B, Trans trans_b, float* memory)
    : table_(&table),
      k_(trans_b == Trans::yes ? B.cols() : B.rows()),
      n_(trans_b == Trans::yes ? B.rows() : B.cols()),
      panels_(memory) {
  repack(B, trans_b);
}

PackedB::PackedB(const KernelTable& table, ConstView B, Trans trans_b) {
  FloatBuffer memory = allocate_floats_uninitialized(size(table, B, trans_b));
  *this = PackedB(table, B, trans_b, memory.get());
  owned_ = std::move(memory);
}

PackedB::PackedB(ConstView B, Trans trans_b, Arena& arena)
    : PackedB(kernels(), B, trans_b, arena.allocate_array<float>(size(kernels(), B, trans_b))) {}

void PackedB::repack(ConstView B, Trans trans_b) {
  const bool tb = trans_b == Trans::yes;
  require(table_ != nullptr && (tb ? B.cols() : B.rows()) == k_ && (tb ? B.rows() : B.cols()) == n_,
          "PackedB::repack: another shape");
  const Operand b = operand(B, tb);
  const GemmKernels& g = table_->gemm;
  const std::int64_t nr = g.nr, stride = g.packed_depth(k_) * nr;
  parallel_for(ceil_div(n_, nr), ceil_div(16384, stride + 1), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = 0; k < k_; k += g.kc)
      g.pack_b(panels_ + begin * stride + g.packed_depth(k) * nr, b.data + begin * nr * b.lane + k * b.depth,
               b.lane, b.depth, std::min(n_, end * nr) - begin * nr, std::min<std::int64_t>(g.kc, k_ - k),
               stride);
  });
}

void gemm_packed(View C, ConstView A, const PackedB& B, Accumulate accumulate) {
  require(A.cols() == B.K() && C.rows() == A.rows() && C.cols() == B.N(), "gemm_packed: shapes do not fit");
  run({B.table(),
       C.data,
       A.rows(),
       B.N(),
       B.K(),
       operand(A, true),
       {},
       B.panels(),
       accumulate == Accumulate::yes});
}

}  // namespace plainsight
