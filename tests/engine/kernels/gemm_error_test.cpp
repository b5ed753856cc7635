// The error of a product whose operands are hard for int8 slices with one scale a row.
// docs/course/cross-entropy.md has the figures that this prints (test_kernels -s -tc="*features*").

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "engine/kernels/gemm/gemm.h"
#include "tests/engine/kernels/tables.h"

using namespace plainsight;

// dW = dyᵀ x of a projection: rows of dy are normal times e^(s normal), and four features in five are zero,
// as after a ReLU, so that some weights get small gradients only.
TEST_CASE("the gradient of a projection is exact to 1e-6 of it, with sparse features and rows of any size") {
  constexpr std::int64_t kRows = 64, kOut = 256, kIn = 4096;
  for (const double s : {0.0, 2.0}) {
    std::mt19937 engine(1);
    std::normal_distribution<float> normal;
    std::vector<double> size(kRows);
    for (double& z : size) z = std::exp(s * static_cast<double>(normal(engine)));
    Tensor dy({kRows, kOut}), x({kRows, kIn}), dW({kOut, kIn});
    for (std::int64_t r = 0; r < kRows; ++r) {
      for (std::int64_t o = 0; o < kOut; ++o)
        dy[r * kOut + o] = static_cast<float>(size[static_cast<std::size_t>(r)]) * normal(engine);
      for (std::int64_t i = 0; i < kIn; ++i) x[r * kIn + i] = std::max(0.0f, normal(engine) - 0.85f);
    }
    std::vector<double> exact(kOut * kIn), magnitude(kOut * kIn);
    for (std::int64_t r = 0; r < kRows; ++r)
      for (std::int64_t o = 0; o < kOut; ++o)
        for (std::int64_t i = 0; i < kIn; ++i) {
          const double term = static_cast<double>(dy[r * kOut + o]) * static_cast<double>(x[r * kIn + i]);
          exact[static_cast<std::size_t>(o * kIn + i)] += term;
          magnitude[static_cast<std::size_t>(o * kIn + i)] += std::abs(term);
        }
    plainsight::test::for_each_table([&](const KernelTable& table) {
      gemm(table, dW, dy, Trans::yes, x, Trans::no, Accumulate::no);
      double error = 0, whole = 0;
      std::vector<double> own;  // of a weight, relative to the sum of its terms' magnitudes
      for (std::int64_t j = 0; j < dW.size(); ++j) {
        const auto at = static_cast<std::size_t>(j);
        const double e = static_cast<double>(dW[j]) - exact[at];
        error += e * e;
        whole += exact[at] * exact[at];
        if (magnitude[at] > 0) own.push_back(std::abs(e) / magnitude[at]);
      }
      std::sort(own.begin(), own.end());
      MESSAGE("s = ", s, ": all of dW ", std::sqrt(error / whole), ", a weight's own: 99.9 % below ",
              own[own.size() * 999 / 1000], ", worst ", own.back());
      CHECK(std::sqrt(error / whole) < 1e-6);
    });
  }
}
