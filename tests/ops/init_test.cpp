#include <bit>
#include <cmath>

#include "engine/nn/embedding.h"
#include "engine/nn/linear.h"
#include "engine/nn/lstm.h"
#include "tests/ops/goldens.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

// The layers of the notebook's ImageCaptionModel, in the order in which its constructor makes them.
struct Captioner {
  Linear img_to_h{4096, 256}, img_to_c{4096, 256};
  Embedding embedding{30524, 256, 0};
  Lstm lstm{256, 256};
  Linear fc{256, 30524};

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    img_to_h.visit(prefix + "img_to_h.", f);
    img_to_c.visit(prefix + "img_to_c.", f);
    embedding.visit(prefix + "embedding.", f);
    lstm.visit(prefix + "lstm.", f);
    fc.visit(prefix + "fc.", f);
  }
  void init(TorchGenerator& generator) const {
    img_to_h.init(generator);
    img_to_c.init(generator);
    embedding.init(generator);
    lstm.init(generator);
    fc.init(generator);
  }
};

// Σ word_i (2i+1) mod 2^64 over the bits, as the script has it.
std::uint64_t position_hash(ConstView values) {
  std::uint64_t sum = 0;
  for (std::int64_t i = 0; i < values.size(); ++i) {
    sum += std::bit_cast<std::uint32_t>(values[i]) * (2 * static_cast<std::uint64_t>(i) + 1);
  }
  return sum;
}

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

TEST_CASE("a seed gives the notebook's model the weights that torch.manual_seed gives it") {
  Captioner model;
  ParameterSet set(model);
  TorchGenerator generator(42);
  model.init(generator);
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
  std::vector<float> sample;
  for (std::int64_t i = 0; i < table.size(); i += 1001) sample.push_back(table[i]);
  check_absolute(sample, golden_floats("captioner.embedding.sample"), 4e-6f);
  for (std::int64_t e = 0; e < 256; ++e) REQUIRE(table[e] == 0);
  std::vector<float> next(1);
  generator.uniform(next, 0, 1);
  CHECK(next[0] == golden_floats("captioner.next")[0]);
}

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
