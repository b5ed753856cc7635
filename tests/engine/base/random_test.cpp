#include "engine/base/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"

using namespace plainsight;

namespace {

using Floats = std::vector<float>;

Floats normal(std::uint64_t seed, std::size_t n) {
  Floats values(n, std::nanf(""));
  TorchGenerator(seed).normal(values, 0, 1);
  return values;
}

// The expected values are as PyTorch prints them: four decimals.
void check_printed(const Floats& got, const Floats& expected) {
  REQUIRE(got.size() >= expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(got[i] - expected[i]) < 6e-5f);
  }
}

}  // namespace

TEST_CASE("uniform numbers are torch.rand's") {
  Floats values(8);
  TorchGenerator(0).uniform(values, 0, 1);
  check_printed(values, {.4963f, .7682f, .0885f, .1320f, .3074f, .6341f, .4901f, .8964f});
  TorchGenerator(42).uniform(values, 0, 1);
  check_printed(values, {.8823f, .9150f, .3829f, .9593f, .3904f, .6009f, .2566f, .7936f});
}

TEST_CASE("the seed's high bits do not count, as in torch") {
  CHECK(TorchGenerator(7).random() == TorchGenerator((std::uint64_t{5} << 32) + 7).random());
}

TEST_CASE("normal numbers are torch.randn's on every path: below 16, whole blocks, a redrawn tail") {
  check_printed(normal(0, 6), {1.5410f, -.2934f, -2.1788f, .5684f, -1.0845f, -1.3986f});
  check_printed(normal(0, 16), {-1.1258f, -1.1524f, -.2506f, -.4339f, .8487f});
  check_printed(normal(0, 17), {-1.1258f, -1.6959f, .5667f, .7935f, .5988f});
  check_printed(normal(0, 20), {-1.1258f, -1.1524f, -.2506f, -.4339f, .5988f});
  check_printed(normal(42, 24), {1.9269f, 1.4873f, .9007f,  -2.1055f, .6784f,   -1.2345f, -.0431f,  -1.6047f,
                                 .3559f,  -.6866f, -.4934f, .2415f,   -1.1109f, .0915f,   -2.3169f, -.2168f,
                                 -.3097f, -.3957f, .8034f,  -.6216f,  -.5920f,  -.0631f,  -.8286f,  .3309f});
  check_printed(normal(42, 32), {1.9269f, 1.4873f, .9007f,  -2.1055f, .6784f,  -1.2345f, -.0431f, -1.6047f,
                                 -.7521f, 1.6487f, -.3925f, -1.4036f, -.7279f, -.5594f,  -.7688f, .7624f,
                                 1.6423f, -.1596f, -.4974f, .4396f,   -.7581f, 1.0783f,  .8008f,  1.6806f,
                                 1.2791f, 1.2964f, .6105f,  1.3347f,  -.2316f, .0418f,   -.2516f, .8599f});
  CHECK(normal(0, 0).empty());
}

TEST_CASE("randperm, multinomial and bernoulli draw what torch draws") {
  CHECK(TorchGenerator(0).randperm(10) == std::vector<std::int32_t>{4, 1, 7, 5, 3, 9, 0, 8, 6, 2});
  CHECK(TorchGenerator(42).randperm(10) == std::vector<std::int32_t>{2, 6, 1, 8, 4, 5, 0, 9, 3, 7});
  CHECK(TorchGenerator(0).randperm(0).empty());

  TorchGenerator generator(0);
  const Floats p{.1f, .2f, .3f, .4f};
  std::vector<std::int64_t> drawn;
  for (int i = 0; i < 20; ++i) drawn.push_back(generator.multinomial(p));
  CHECK(drawn == std::vector<std::int64_t>{2, 2, 3, 3, 1, 2, 0, 1, 1, 3, 1, 3, 3, 3, 2, 1, 1, 0, 2, 3});

  Floats coins(12);
  TorchGenerator(0).bernoulli(coins, 0.5);
  CHECK(coins == Floats{0, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1});
  CHECK((TorchGenerator(0).random64() & ((std::uint64_t{1} << 63) - 1)) == 900450186894289455u);
}

TEST_CASE("a restored state continues the stream, the cached normal included") {
  TorchGenerator generator(3);
  Floats one(1), next(5), again(5);
  generator.normal(one, 0, 1);  // keeps the second value of its pair
  const std::string state = generator.state();
  generator.normal(next, 0, 1);
  TorchGenerator other(99);
  other.set_state(state);
  other.normal(again, 0, 1);
  CHECK(next == again);
  CHECK_THROWS_AS(other.set_state(state.substr(0, state.size() / 2)), Error);
  CHECK_THROWS_AS(other.set_state("x"), Error);
}

TEST_CASE("an epoch's order is a permutation that depends on seed and epoch alone") {
  auto order = shuffle(1000, 42, 3);
  CHECK(order == shuffle(1000, 42, 3));
  CHECK(order != shuffle(1000, 42, 4));
  CHECK(order != shuffle(1000, 43, 3));
  std::sort(order.begin(), order.end());
  for (std::int32_t i = 0; i < 1000; ++i) REQUIRE(order[static_cast<std::size_t>(i)] == i);
}
