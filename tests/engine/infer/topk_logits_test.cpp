#include "engine/infer/topk_logits.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/tensor/tensor.h"

using namespace plainsight;

namespace {

/// Small integers: sums are exact in any order, and many logits of a row are equal.
Tensor random_integers(std::int64_t rows, std::int64_t cols, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Tensor t({rows, cols});
  for (std::int64_t i = 0; i < t.size(); ++i) t[i] = std::round(normal(random));
  return t;
}

/// The first k columns in order of their logits, largest first; of equal ones the lower index first.
std::vector<std::int32_t> sorted_top(const std::vector<double>& row, int k) {
  std::vector<std::int32_t> order(row.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return row[a] > row[b]; });
  order.resize(k);
  return order;
}

double log_sum_exp(const std::vector<double>& row) {
  const double max = *std::max_element(row.begin(), row.end());
  double sum = 0;
  for (const double z : row) sum += std::exp(z - max);
  return max + std::log(sum);
}

}  // namespace

TEST_CASE("top-k logits are those of whole rows, across blocks of the vocabulary, of rows and of the depth") {
  const int before = threads();
  for (const std::int64_t vocab : {7, 512, 513, 9001})
    for (const std::int64_t hidden : {3, 300})
      for (const std::int64_t rows : {1, 90}) {
        CAPTURE(vocab);
        CAPTURE(hidden);
        CAPTURE(rows);
        const Tensor h = random_integers(rows, hidden, 1), w = random_integers(vocab, hidden, 2),
                     b = random_integers(1, vocab, 3);
        std::vector<std::vector<double>> z(rows, std::vector<double>(vocab));
        for (std::int64_t r = 0; r < rows; ++r)
          for (std::int64_t v = 0; v < vocab; ++v)
            z[r][v] = std::inner_product(h.view().row(r), h.view().row(r) + hidden, w.view().row(v), b[v]);
        const PackedB packed(w, Trans::yes);
        constexpr int kTop = 5;
        for (const int t : {1, 2, 3}) {
          set_threads(t);
          CAPTURE(t);
          TopkLogits topk(90, hidden, vocab, kTop);
          topk.compute(h, packed, b);
          for (std::int64_t r = 0; r < rows; ++r) {
            // exp and its sums in float: a few roundings of 2^-24.
            CHECK(topk.log_sum_exp(r) == doctest::Approx(log_sum_exp(z[r])).epsilon(1e-6));
            std::vector<std::int32_t> got;
            for (const TopLogit& top : topk.top(r)) {
              got.push_back(top.index);
              CHECK(top.logit == z[r][top.index]);
            }
            CHECK(got == sorted_top(z[r], kTop));
          }
        }
      }
  set_threads(before);
}

TEST_CASE("top-k logits refuse rows that are wider or more than was said") {
  const Tensor b({1, 7});
  const PackedB narrow(Tensor({7, 3}), Trans::yes), wide(Tensor({7, 300}), Trans::yes);
  TopkLogits topk(2, 3, 7, 1);
  topk.compute(Tensor({2, 3}), narrow, b);
  CHECK_THROWS_AS(topk.compute(Tensor({2, 300}), wide, b), ContractError);
  CHECK_THROWS_AS(topk.compute(Tensor({3, 3}), narrow, b), ContractError);
}
