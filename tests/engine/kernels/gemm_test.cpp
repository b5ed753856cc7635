#include "engine/kernels/gemm/gemm.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "engine/base/parallel.h"
#include "tests/engine/kernels/tables.h"
#include "tests/support/guarded.h"

using namespace plainsight;
using plainsight::test::for_each_table;
using plainsight::test::Guarded;

namespace {

struct Case {
  std::int64_t m, n, k;
  Trans ta, tb;
  Accumulate accumulate;
};

std::string describe(const KernelTable& table, const Case& c) {
  return std::string(name_of(table.isa)) + " M=" + std::to_string(c.m) + " N=" + std::to_string(c.n) +
         " K=" + std::to_string(c.k) + (c.ta == Trans::yes ? " A'" : "") + (c.tb == Trans::yes ? " B'" : "") +
         (c.accumulate == Accumulate::yes ? " accumulate" : "");
}

void fill(Guarded& x, std::mt19937& random, bool integers) {
  std::uniform_int_distribution<int> small(-4, 4);
  std::uniform_real_distribution<float> real(-1, 1);
  for (std::int64_t i = 0; i < x.size(); ++i)
    x[i] = integers ? static_cast<float>(small(random)) : real(random);
}

// The error that gemm.h allows to an element of C which was `before`.
struct Tolerance {
  bool int8;   // the table multiplies int8 slices, not floats
  bool exact;  // every sum of the test's values is a float
  double before;
  double sum = 0, a_max = 0, b_max = 0;  // of |a b|, |a| and |b|

  void add(double a, double b) {
    sum += std::abs(a * b);
    a_max = std::max(a_max, std::abs(a));
    b_max = std::max(b_max, std::abs(b));
  }
  double value(std::int64_t K) const {
    const double k = static_cast<double>(K);
    if (int8) return 0x1p-20 * k * a_max * b_max + 0x1p-23 * std::abs(before);
    return exact ? 0 : 0x1p-24 * (k + 1) * (sum + std::abs(before));  // each addition rounds once
  }
};

void check_product(const KernelTable& table, const Case& p, bool integers, bool packed) {
  std::mt19937 random(1);
  Guarded a(p.m * p.k), b(p.k * p.n), c(p.m * p.n);
  fill(a, random, integers);
  fill(b, random, integers);
  if (p.accumulate == Accumulate::yes) fill(c, random, integers);
  const std::vector<float> before(c.data(), c.data() + c.size());
  const bool ta = p.ta == Trans::yes, tb = p.tb == Trans::yes;
  const View C(c.data(), {p.m, p.n});
  const ConstView A(a.data(), ta ? Shape{p.k, p.m} : Shape{p.m, p.k});
  const ConstView B(b.data(), tb ? Shape{p.n, p.k} : Shape{p.k, p.n});
  if (packed)
    gemm_packed(C, A, PackedB(table, B, p.tb), p.accumulate);
  else
    gemm(table, C, A, p.ta, B, p.tb, p.accumulate);
  for (std::int64_t i = 0; i < p.m; ++i)
    for (std::int64_t j = 0; j < p.n; ++j) {
      double want = p.accumulate == Accumulate::yes ? before[static_cast<std::size_t>(i * p.n + j)] : 0.0;
      Tolerance tolerance{!table.gemm.float_panels, integers, want};
      for (std::int64_t k = 0; k < p.k; ++k) {
        const double aik = a[ta ? k * p.m + i : i * p.k + k], bkj = b[tb ? j * p.k + k : k * p.n + j];
        want += aik * bkj;
        tolerance.add(aik, bkj);
      }
      const double got = c[i * p.n + j];
      if (!(std::abs(got - want) <= tolerance.value(p.k))) {
        FAIL(describe(table, p), std::string(packed ? " packed" : ""), " at [", i, ",", j, "]: expected ",
             want, ", got ", got, ", tolerance ", tolerance.value(p.k), ", seed 1");
        return;
      }
    }
}

void check_all_forms(const KernelTable& table, std::int64_t m, std::int64_t n, std::int64_t k,
                     bool integers) {
  for (Accumulate accumulate : {Accumulate::no, Accumulate::yes}) {
    for (Trans ta : {Trans::no, Trans::yes})
      for (Trans tb : {Trans::no, Trans::yes}) {
        check_product(table, {m, n, k, ta, tb, accumulate}, integers, false);
        if (ta == Trans::no) check_product(table, {m, n, k, ta, tb, accumulate}, integers, true);
      }
  }
}

Tensor random_tensor(Shape shape, unsigned seed) {
  Tensor t(shape);
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> real(-1, 1);
  for (std::int64_t i = 0; i < t.size(); ++i) t[i] = real(random);
  return t;
}

bool same_bits(ConstView a, ConstView b) {
  return a.size() == b.size() &&
         std::memcmp(a.data, b.data, static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE(
    "gemm equals the double sum at every edge of its tiles, exactly on small integers where floats are "
    "multiplied") {
  set_threads(2);
  for_each_table([](const KernelTable& table) {
    const std::int64_t w = table.width, mr = table.gemm.mr, nr = table.gemm.nr;
    for (std::int64_t m : {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, mr - 1, mr, mr + 1, 2 * mr + 3})
      for (std::int64_t n : {std::int64_t{0}, std::int64_t{1}, w - 1, w, w + 1, nr, 2 * nr + 3})
        for (std::int64_t k : {std::int64_t{0}, std::int64_t{1}, w - 1, w, w + 1, 2 * w + 3}) {
          check_all_forms(table, m, n, k, true);
          check_all_forms(table, m, n, k, false);
        }
  });
}

TEST_CASE("gemm never hides a NaN or an infinity, and keeps it to its row and column") {
  for_each_table([](const KernelTable& table) {
    const std::int64_t m = table.gemm.mr + 1, n = table.gemm.nr + 1, K = 40;
    for (const unsigned bits : {0x7fc00000u, 0xffc00000u, 0x7fffffffu, 0xffffffffu, 0x7f800001u, 0x7f800000u,
                                0xff800000u, 0x7f7fffffu})
      for (std::int64_t k : {std::int64_t{0}, std::int64_t{16}, std::int64_t{31}, K - 1})
        for (bool in_a : {true, false}) {
          Tensor a = random_tensor({m, K}, 1), b = random_tensor({K, n}, 2), c({m, n});
          for (Tensor* t : {&a, &b})  // 2 to 4: with the largest float every sum overflows
            for (std::int64_t i = 0; i < t->size(); ++i) (*t)[i] += 3;
          std::memcpy(in_a ? &a[2 * K + k] : &b[k * n + 2], &bits, sizeof bits);
          gemm(table, c, a, Trans::no, b, Trans::no, Accumulate::no);
          for (std::int64_t i = 0; i < m; ++i)
            for (std::int64_t j = 0; j < n; ++j)
              REQUIRE_MESSAGE(std::isfinite(c[i * n + j]) == ((in_a ? i : j) != 2), name_of(table.isa),
                              " bits ", bits, " at k = ", k);
          if (bits == 0x7f800000u || bits == 0xff800000u || bits == 0x7f7fffffu) continue;
          CHECK(std::isnan(c[in_a ? 2 * n : 2]));
        }
  });
}

TEST_CASE("gemm equals the double sum across the blocks of every dimension") {
  for (int t : {1, 3}) {
    set_threads(t);
    for_each_table([](const KernelTable& table) {
      const GemmKernels& g = table.gemm;
      check_all_forms(table, g.mr + 1, g.nr + 1, 2 * g.kc + 5, true);
      check_all_forms(table, g.mc + 3, 2 * g.nr + 1, 9, true);
      check_all_forms(table, g.mr + 1, 2 * g.nc + 5, 9, true);
      check_product(table, {64, 1024, 256, Trans::no, Trans::yes, Accumulate::no}, false, true);
      check_product(table, {64, 256, 4096, Trans::no, Trans::yes, Accumulate::no}, false, false);
    });
  }
}

TEST_CASE("gemm gives the same bits for any number of threads, and for a row alone or in a batch") {
  for_each_table([](const KernelTable& table) {
    const std::int64_t m = 67, n = 515, k = 300;
    const Tensor a = random_tensor({m, k}, 1), b = random_tensor({n, k}, 2);
    set_threads(1);
    Tensor want({m, n});
    gemm(table, want, a, Trans::no, b, Trans::yes, Accumulate::no);
    const PackedB packed(table, b, Trans::yes);
    for (int t : {2, 3, 5}) {
      set_threads(t);
      Tensor c({m, n});
      gemm(table, c, a, Trans::no, b, Trans::yes, Accumulate::no);
      CHECK(same_bits(c, want));
      gemm_packed(c, a, packed, Accumulate::no);
      CHECK(same_bits(c, want));
      for (std::int64_t i : {std::int64_t{0}, std::int64_t{13}, m - 1}) {
        Tensor row({1, n});
        gemm_packed(row, a.view().slice(i, i + 1), packed, Accumulate::no);
        CHECK(same_bits(row, want.view().slice(i, i + 1)));
      }
    }
  });
}

TEST_CASE("PackedB::repack takes new weights of the same shape") {
  set_threads(2);
  const Tensor a = random_tensor({5, 70}, 1), b = random_tensor({70, 90}, 2),
               other = random_tensor({70, 90}, 3);
  PackedB packed(b, Trans::no);
  packed.repack(other, Trans::no);
  Tensor c({5, 90}), want({5, 90});
  gemm_packed(c, a, packed, Accumulate::no);
  gemm(want, a, Trans::no, other, Trans::no, Accumulate::no);
  CHECK(same_bits(c, want));
  CHECK_THROWS_AS(packed.repack(a, Trans::no), ContractError);
}

TEST_CASE("gemm refuses shapes that do not fit") {
  Tensor a({2, 3}), b({4, 5}), c({2, 5});
  CHECK_THROWS_AS(gemm(c, a, Trans::no, b, Trans::no, Accumulate::no), ContractError);
  CHECK_THROWS_AS(gemm(a, a, Trans::no, b, Trans::no, Accumulate::no), ContractError);
}
