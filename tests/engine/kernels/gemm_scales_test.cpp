// Packing and multiplication of panels: rows of A and columns of B of very different magnitudes, and operands
// that end where their memory ends. A column of B counts as a row of its transpose here.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "engine/base/memory.h"
#include "engine/kernels/gemm/gemm.h"
#include "engine/tensor/tensor.h"
#include "tests/engine/kernels/tables.h"
#include "tests/support/guarded.h"

using namespace plainsight;
using plainsight::test::for_each_table;
using plainsight::test::Guarded;

namespace {

struct Case {
  long m, n, k;
  bool a_across, b_across;  // the elements of one k are contiguous, not those of a row of A or column of B
  bool accumulate;
};

long at(bool across, long row, long k, long rows, long depth) {
  return across ? k * rows + row : row * depth + k;
}

// C (+)= A B, each operand packed from memory that ends where it ends.
void multiply(const GemmKernels& g, const Case& c, Guarded& C, const Guarded& A, const Guarded& B) {
  const long a_size = g.packed_depth(c.k) * g.mr, b_size = g.packed_depth(c.k) * g.nr;
  const auto panels = [](long rows, long width) { return (rows + width - 1) / width; };
  const auto buffer = [](long size) {
    FloatBuffer memory = allocate_floats_uninitialized(static_cast<std::size_t>(size));
    std::fill_n(memory.get(), size, std::numeric_limits<float>::quiet_NaN());
    return memory;
  };
  const FloatBuffer a = buffer(panels(c.m, g.mr) * a_size + kPackSlack),
                    b = buffer(panels(c.n, g.nr) * b_size);
  g.pack_a(a.get(), A.data(), c.a_across ? 1 : c.k, c.a_across ? c.m : 1, c.m, c.k, a_size);
  g.pack_b(b.get(), B.data(), c.b_across ? 1 : c.k, c.b_across ? c.n : 1, c.n, c.k, b_size);
  g.multiply(C.data(), c.n, g.nr, a.get(), b.get(), b_size, c.m, c.n, c.k, c.accumulate);
}

// Values of [-1,1), those of each row times a power of two.
void fill(Guarded& x, bool across, long rows, long depth, std::mt19937& random) {
  std::uniform_real_distribution<float> real(-1, 1);
  for (long row = 0; row < rows; ++row) {
    const float scale = std::ldexp(1.0f, static_cast<int>(row % 5) * 12 - 24);
    for (long k = 0; k < depth; ++k) x[at(across, row, k, rows, depth)] = scale * real(random);
  }
}

// To the bound of gemm_int8.inl.h, which no table's floats exceed either: this finds misplaced elements. The
// next test checks single slices.
void check(const KernelTable& table, const Case& c) {
  std::mt19937 random(1);
  Guarded A(c.m * c.k), B(c.n * c.k), C(c.m * c.n);
  fill(A, c.a_across, c.m, c.k, random);
  fill(B, c.b_across, c.n, c.k, random);
  for (long i = 0; i < c.m * c.n; ++i)
    C[i] = c.accumulate ? std::ldexp(1.0f, static_cast<int>(i % 7)) : std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> before(C.data(), C.data() + C.size());
  multiply(table.gemm, c, C, A, B);
  for (long i = 0; i < c.m; ++i)
    for (long j = 0; j < c.n; ++j) {
      double want = c.accumulate ? before[static_cast<std::size_t>(i * c.n + j)] : 0.0;
      double tolerance = std::abs(want) * 0x1p-23, a_max = 0, b_max = 0;
      for (long k = 0; k < c.k; ++k) {
        const double a = A[at(c.a_across, i, k, c.m, c.k)], b = B[at(c.b_across, j, k, c.n, c.k)];
        want += a * b;
        a_max = std::max(a_max, std::abs(a));
        b_max = std::max(b_max, std::abs(b));
      }
      tolerance += 0x1p-20 * static_cast<double>(c.k) * a_max * b_max;
      const double got = C[i * c.n + j];
      if (!(std::abs(got - want) <= tolerance)) {
        FAIL(std::string(name_of(table.isa)), " M=", c.m, " N=", c.n, " K=", c.k, " across ", c.a_across, " ",
             c.b_across, std::string(c.accumulate ? " accumulate" : ""), " at [", i, ",", j, "]: expected ",
             want, ", got ", got, ", tolerance ", tolerance, " (2^-20 K max|a| max|b|), seed 1");
        return;
      }
    }
}

}  // namespace

TEST_CASE("packed products equal the double sum at every edge, whatever the magnitudes of the rows") {
  for_each_table([](const KernelTable& table) {
    const GemmKernels& g = table.gemm;
    for (const long m : {1L, g.mr - 1L, g.mr + 1L, 2L * g.mr + 3})
      for (const long n : {1L, 15L, 17L, g.nr + 0L, g.nr + 18L})
        for (const long k : {1L, 15L, 16L, 17L, 49L, 63L, 64L, 65L, 200L, g.kc + 0L})
          for (const int form : {0, 1, 2, 3, 4})
            check(table, {m, n, k, (form & 1) != 0, (form & 2) != 0, form == 4});
  });
}

// One operand chooses one k for each of its rows, so that the elements of the other come out unchanged. Each
// row of the other has the scale 1.
TEST_CASE(
    "packed products round a small value to the nearest multiple of the scale, 1/8,323,072 of the largest") {
  for_each_table([](const KernelTable& table) {
    const GemmKernels& g = table.gemm;
    const long K = g.kc, rows = std::max(g.mr, g.nr) + 1;
    for (const bool chooses_b : {true, false})
      for (const int form : {0, 1, 2, 3}) {
        const bool across = (form & 1) != 0, choice_across = (form & 2) != 0;
        Guarded x(rows * K), choice(K * K), C(rows * K);
        std::mt19937 random(3);
        for (long row = 0; row < rows; ++row)
          for (long k = 0; k < K; ++k) {
            const int whole = static_cast<int>(random() % 2000) - 1000;
            x[at(across, row, k, rows, K)] = k == (row * 7 + 3) % K
                                                 ? 127.0f * 65536
                                                 : static_cast<float>(whole) + (k % 2 == 0 ? 0.4f : 0.6f);
          }
        for (long row = 0; row < K; ++row)
          for (long k = 0; k < K; ++k) choice[at(choice_across, row, k, K, K)] = row == k ? 1 : 0;
        if (chooses_b)
          multiply(g, {rows, K, K, across, choice_across, false}, C, x, choice);
        else
          multiply(g, {K, rows, K, choice_across, across, false}, C, choice, x);
        for (long row = 0; row < rows; ++row)
          for (long k = 0; k < K; ++k) {
            const float got = C[chooses_b ? row * K + k : k * rows + row],
                        want = x[at(across, row, k, rows, K)];
            INFO("form ", form, " chooses ", chooses_b, " row ", row, " k ", k, ": ", got, " for ", want);
            if (g.float_panels)
              REQUIRE(got == want);
            else
              REQUIRE(std::abs(got - want) <= (want > 1001 ? 2 : 0.45f));
          }
      }
  });
}

TEST_CASE("packed products bring tiny rows to nearly 0, and keep NaN and infinity to their rows") {
  for_each_table([](const KernelTable& table) {
    for (const bool across : {false, true})
      for (const float odd :
           {0.0f, 1e-44f, 1e-33f, 1e-31f, std::numeric_limits<float>::infinity(),
            -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(),
            -std::numeric_limits<float>::quiet_NaN()}) {
        const Case c{5, 6, 70, across, across, false};
        std::mt19937 random(2);
        Guarded A(c.m * c.k), B(c.n * c.k), C(c.m * c.n);
        fill(A, across, c.m, c.k, random);
        fill(B, across, c.n, c.k, random);
        const bool none = std::isfinite(odd);  // then the whole row is so, otherwise one element
        for (long k = 0; k < c.k; ++k) {
          if (none || k == 66) A[at(across, 3, k, c.m, c.k)] = odd;
          if (none || k == 2) B[at(across, 5, k, c.n, c.k)] = odd;
        }
        multiply(table.gemm, c, C, A, B);
        for (long i = 0; i < c.m; ++i)
          for (long j = 0; j < c.n; ++j) {
            double want = 0;
            for (long k = 0; k < c.k; ++k)
              want += static_cast<double>(A[at(across, i, k, c.m, c.k)]) *
                      static_cast<double>(B[at(across, j, k, c.n, c.k)]);
            const auto got = static_cast<double>(C[i * c.n + j]);
            INFO("odd = ", odd, " at ", i, " ", j, ": ", got, " for ", want);
            if (i != 3 && j != 5)
              CHECK((std::isfinite(got) && got != 0));
            else if (none)
              CHECK(std::abs(got) <= 1e-20);
            else
              CHECK((std::isnan(got) || (std::isinf(got) && (std::isnan(want) || got == want))));
          }
      }
  });
}

TEST_CASE("weights packed once over several blocks of the depth, for a row alone or in a batch") {
  constexpr long kRows = 40, kDepth = 600, kCols = 70;
  std::mt19937 engine(9);
  std::normal_distribution<float> normal;
  Tensor a({kRows, kDepth}), w({kCols, kDepth}), c({kRows, kCols}), alone({1, kCols});
  for (Tensor* t : {&a, &w})
    for (std::int64_t i = 0; i < t->size(); ++i) (*t)[i] = normal(engine);
  const PackedB packed(w, Trans::yes);
  gemm_packed(c, a, packed, Accumulate::no);
  for (long r = 0; r < kRows; ++r) {
    for (long j = 0; j < kCols; ++j) {
      double sum = 0;
      for (long k = 0; k < kDepth; ++k)
        sum += static_cast<double>(a.view().row(r)[k]) * static_cast<double>(w.view().row(j)[k]);
      REQUIRE(std::abs(static_cast<double>(c.view().row(r)[j]) - sum) < 2e-4);
    }
    gemm_packed(alone, ConstView(a.view().row(r), {1, kDepth}), packed, Accumulate::no);
    REQUIRE(std::equal(alone.data(), alone.data() + kCols, c.view().row(r)));
  }
}
