#include "engine/kernels/gemm/packed_panels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "engine/kernels/gemm/gemm.h"
#include "tests/engine/kernels/tables.h"

using namespace plainsight;
using plainsight::test::for_each_table;
using Operand = PackedPanels::Operand;

namespace {

Tensor random_tensor(std::int64_t rows, std::int64_t cols, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Tensor t({rows, cols});
  for (std::int64_t i = 0; i < t.size(); ++i) t[i] = normal(random);
  return t;
}

/// x[N,depth], packed as it is, in memory that was full of NaN.
struct Packed {
  Packed(const GemmKernels& g, Operand operand, ConstView x)
      : memory(allocate_floats_uninitialized(PackedPanels::size(g, operand, x.rows(), x.cols()))),
        panels(g, operand, x.rows(), x.cols(), memory.get()) {
    std::fill_n(memory.get(), PackedPanels::size(g, operand, x.rows(), x.cols()),
                std::numeric_limits<float>::quiet_NaN());
    panels.pack(StridedOperand::rows_of(x));
  }
  FloatBuffer memory;
  PackedPanels panels;
};

}  // namespace

TEST_CASE("a product of slices of packed panels has the bits of the whole product") {
  for_each_table([](const KernelTable& table) {
    const GemmKernels& g = table.gemm;
    const std::int64_t M = 2 * g.mr + 3, N = 3 * g.nr + 5, K = g.kc + 40;
    const Tensor a = random_tensor(M, K, 1), b = random_tensor(N, K, 2);
    Tensor want({M, N});
    gemm(table, want, a, Trans::no, b, Trans::yes, Accumulate::no);
    const Packed A(g, Operand::a, a), B(g, Operand::b, b);
    const std::int64_t m = g.mr + 1, n = g.nr + 5, i = g.mr, j = g.nr;
    Tensor C({m, n});
    multiply_panels(C.data(), n, A.panels.slice_rows(i, m), B.panels.slice_rows(j, n), Accumulate::no);
    for (std::int64_t r = 0; r < m; ++r)
      REQUIRE(std::equal(C.view().row(r), C.view().row(r) + n, want.view().row(i + r) + j));
    // The blocks of the depth one by one, to the end of the last panels: those columns are zeros.
    const std::int64_t padded = B.panels.padded().rows();
    REQUIRE(padded == 4 * g.nr);
    Tensor sum({M, padded});
    for (std::int64_t k = 0; k < K; k += g.kc)
      multiply_panels(sum.data(), padded, A.panels.depth_block(k), B.panels.padded().depth_block(k),
                      k > 0 ? Accumulate::yes : Accumulate::no);
    for (std::int64_t r = 0; r < M; ++r) {
      REQUIRE(std::equal(want.view().row(r), want.view().row(r) + N, sum.view().row(r)));
      REQUIRE(std::all_of(sum.view().row(r) + N, sum.view().row(r) + padded, [](float x) { return x == 0; }));
    }
  });
}

TEST_CASE("columns packed in parts, in any order, are where they are when packed at once") {
  for_each_table([](const KernelTable& table) {
    const GemmKernels& g = table.gemm;
    const std::int64_t N = 2 * g.nr + 3, K = 2 * g.kc + 7;
    const Tensor b = random_tensor(N, K, 3);
    const Packed whole(g, Operand::b, b), parts(g, Operand::b, random_tensor(N, K, 4));
    parts.panels.pack(StridedOperand::rows_of(b), 2 * g.nr, N);
    parts.panels.pack(StridedOperand::rows_of(b), 0, 2 * g.nr);
    const std::int64_t size = PackedPanels::size(g, Operand::b, N, K);
    REQUIRE(std::equal(whole.memory.get(), whole.memory.get() + size, parts.memory.get()));
  });
}
