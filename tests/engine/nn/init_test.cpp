#include <cmath>

#include "engine/base/random.h"
#include "tests/support/op_goldens.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

void check_absolute(std::span<const float> got, ConstView expected, float tolerance) {
  REQUIRE(static_cast<std::int64_t>(got.size()) == expected.size());
  float worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float error = std::abs(got[i] - expected[static_cast<std::int64_t>(i)]);
    worst = error <= worst ? worst : error;
  }
  CHECK(worst <= tolerance);
}

}  // namespace

TEST_CASE("draws equal torch's: uniform and bernoulli to the bit, normal to 4e-6 of its scale") {
  TorchGenerator generator(42);
  std::vector<float> uniform(1000), normal(1003), few(15), coins(100);
  generator.uniform(uniform, 2.0f, 7.5f);
  generator.normal(normal, 0.5f, 3.0f);
  generator.normal(few, 0.5f, 3.0f);
  generator.bernoulli(coins, 0.3);
  check_absolute(uniform, golden_floats("draws.uniform"), 0);
  check_absolute(normal, golden_floats("draws.normal"), 3 * 4e-6f);
  check_absolute(few, golden_floats("draws.normal_few"), 0);
  check_absolute(coins, golden_floats("draws.bernoulli"), 0);
}
