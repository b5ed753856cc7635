#include "engine/infer/dense.h"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "engine/base/parallel.h"
#include "tests/engine/infer/support.h"
#include "tests/support/guarded.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

void check(const KernelTable& table, std::int64_t rows, std::int64_t depth, std::int64_t outputs,
           bool whole_numbers) {
  Guarded x(rows * depth), W(outputs * depth), b(outputs), y(rows * outputs);
  const auto fill = whole_numbers ? fill_integers : fill_normal;
  fill({x.data(), {x.size()}}, 1);
  fill({W.data(), {W.size()}}, 2);
  fill({b.data(), {b.size()}}, 3);
  const View out{y.data(), {rows, outputs}};
  dense(out, {x.data(), {rows, depth}}, {W.data(), {outputs, depth}}, {b.data(), {outputs}}, false, table);
  for (std::int64_t n = 0; n < rows; ++n)
    for (std::int64_t o = 0; o < outputs; ++o) {
      double sum = static_cast<double>(b[o]), magnitude = std::abs(sum);
      for (std::int64_t i = 0; i < depth; ++i) {
        const double product = static_cast<double>(x[n * depth + i]) * static_cast<double>(W[o * depth + i]);
        sum += product;
        magnitude += std::abs(product);
      }
      // Every order of a sum of I products is within I eps sum|x w|; the vectors' partial sums stay
      // far below.
      const double bound = whole_numbers ? 0 : 8 * std::numeric_limits<float>::epsilon() * magnitude;
      INFO(name_of(table.isa), " rows=", rows, " depth=", depth, " outputs=", outputs, " n=", n, " o=", o);
      CHECK(std::abs(static_cast<double>(out[n * outputs + o]) - sum) <= bound);
    }
}

}  // namespace

TEST_CASE("dense agrees with the definition at every edge") {
  for (const KernelTable* table : tables())
    for (std::int64_t rows : {0, 1, 3, 6, 7, 16})
      for (std::int64_t depth : {0, 1, 15, 16, 35, 4097})
        for (std::int64_t outputs : {0, 1, 4, 19}) {
          check(*table, rows, depth, outputs, true);
          check(*table, rows, depth, outputs, false);
        }
}

TEST_CASE("a row of dense has the same bits for any number of threads and any other rows") {
  Tensor x({9, 5000}), W({50, 5000}), b({50}), all({9, 50}), one({1, 50}), threaded({9, 50});
  fill_normal(x, 1);
  fill_normal(W, 2);
  fill_normal(b, 3);
  const int before = threads();
  for (const KernelTable* table : tables()) {
    set_threads(1);
    dense(all, x, W, b, true, *table);
    set_threads(3);
    dense(threaded, x, W, b, true, *table);
    CHECK(std::memcmp(all.data(), threaded.data(), 9 * 50 * sizeof(float)) == 0);
    for (std::int64_t n = 0; n < 9; ++n) {
      dense(one, x.view().slice(n, n + 1), W, b, true, *table);
      CHECK(std::memcmp(all.view().row(n), one.data(), 50 * sizeof(float)) == 0);
    }
  }
  set_threads(before);
}
