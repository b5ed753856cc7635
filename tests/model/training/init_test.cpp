#include <algorithm>
#include <bit>
#include <cmath>

#include "engine/autograd/parameter.h"
#include "model/training/captioner.h"
#include "tests/support/op_goldens.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

// Σ word_i (2i+1) mod 2^64 over the bits, as the script has it.
std::uint64_t position_hash(ConstView values) {
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < values.size(); ++i) {
    sum += std::bit_cast<std::uint32_t>(values[i]) * (2 * static_cast<std::uint64_t>(i) + 1);
  }
  return sum;
}

}  // namespace

TEST_CASE("a seed gives the notebook's model the weights that torch.manual_seed gives it") {
  Captioner model(CaptionerShape{}, /*pad=*/0);
  ParameterSet set(model);
  model.init(42);
  CHECK(set.count() == 18282812);
  int hashed = 0;
  for (const Parameter& p : set.parameters()) {
    if (p.name == "embedding.weight") continue;
    CAPTURE(p.name);
    CHECK(position_hash(p.value) == golden_values<std::uint64_t>("captioner." + p.name).at(0));
    ++hashed;
  }
  CHECK(hashed == 10);
  const View table = model.embedding.weight.value;
  const ConstView expected = golden_floats("captioner.embedding.sample");
  REQUIRE(expected.size() == (table.size() + 1000) / 1001);
  float worst = 0;
  for (std::int64_t i = 0; i < expected.size(); ++i)
    worst = std::max(worst, std::abs(table[i * 1001] - expected[i]));
  CHECK(worst <= 4e-6f);
  for (std::int64_t e = 0; e < 256; ++e) REQUIRE(table[e] == 0);
}
