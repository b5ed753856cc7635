#include "model/captioner/next_words.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/base/parallel.h"
#include "model/captioner/search.h"
#include "tests/model/captioner/tiny_captioner.h"

using namespace plainsight;

TEST_CASE("next words are those of whole rows of logits, across blocks of words, rows and depth") {
  const int before = threads();
  for (const std::int64_t vocab : {std::int64_t{7}, std::int64_t{512}, std::int64_t{513}, std::int64_t{9001}})
    for (const std::int64_t hidden : {std::int64_t{3}, std::int64_t{300}})
      for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{90}}) {
        CAPTURE(vocab);
        CAPTURE(hidden);
        CAPTURE(rows);
        // Small integers: sums are exact in any order, and many words have equal logits.
        Tensor h = test::random_features(rows, hidden, 1), w = test::random_features(vocab, hidden, 2),
               b = test::random_features(1, vocab, 3), logits({rows, vocab});
        for (Tensor* t : {&h, &w, &b})
          for (std::int64_t i = 0; i < t->size(); ++i) (*t)[i] = std::round((*t)[i]);
        const PackedB packed(w, Trans::yes);
        gemm_packed(logits, h, packed, false);
        constexpr int kCount = 5;
        NextWords words(90, hidden, vocab, kCount);
        for (const int t : {1, 2, 3}) {
          set_threads(t);
          CAPTURE(t);
          words.find(h, packed, b);
          for (std::int64_t r = 0; r < rows; ++r) {
            const std::span<float> row(logits.view().row(r), static_cast<std::size_t>(vocab));
            if (t == 1)
              for (std::size_t v = 0; v < row.size(); ++v) row[v] += b[static_cast<std::int64_t>(v)];
            // The sum of exp in another order: a few roundings of float sums.
            CHECK(words.log_sum_exp(r) == doctest::Approx(log_sum_exp(row)).epsilon(1e-6));
            std::vector<std::int32_t> want(kCount), got;
            largest(want, row);
            for (const NextWord& word : words.best(r)) {
              got.push_back(word.token);
              CHECK(word.logit == row[static_cast<std::size_t>(word.token)]);
            }
            CHECK(got == want);
          }
        }
      }
  set_threads(before);
}

TEST_CASE("next words of rows that are wider or more than was said are refused") {
  const Tensor b({1, 7});
  const PackedB narrow(Tensor({7, 3}), Trans::yes), wide(Tensor({7, 300}), Trans::yes);
  NextWords words(2, 3, 7, 1);
  words.find(Tensor({2, 3}), narrow, b);
  CHECK_THROWS_AS(words.find(Tensor({2, 300}), wide, b), ContractError);
  CHECK_THROWS_AS(words.find(Tensor({3, 3}), narrow, b), ContractError);
}
