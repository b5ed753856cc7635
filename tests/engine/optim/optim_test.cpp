#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/random.h"
#include "engine/check/check_op.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/optim/adam.h"
#include "engine/optim/clip.h"
#include "engine/optim/schedule.h"
#include "engine/plain/adam.h"
#include "tests/support/op_goldens.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

// A module of parameters without a call.
struct Module {
  std::vector<std::pair<std::string, Parameter>> parts;
  template <class F>
  void visit(const std::string& prefix, F&& f) {
    for (auto& [name, p] : parts) f(prefix + name, p);
  }
};

// Ten steps on the golden gradients; the rate falls after five.
void check_adam(const std::string& name, double weight_decay) {
  const ConstView g = golden_floats(name + ".g"), p0 = golden_floats(name + ".p0"),
                  p = golden_floats(name + ".p");
  Module module{{{"p", Parameter({p0.size()})}}};
  ParameterSet set(module);
  const View value = module.parts[0].second.value, gradient = module.parts[0].second.gradient;
  std::copy_n(p0.data, p0.size(), value.data);
  Adam adam(set, {.lr = 1e-2, .weight_decay = weight_decay});
  // torch's loops fuse multiply and add, as the kernels beyond the baseline do.
  const bool fused = engine() == Engine::tuned && kernels().isa != Isa::baseline;
  const double tolerance = fused ? 0 : 2e-7;
  for (std::int64_t t = 0; t < 10; ++t) {
    std::copy_n(g.row(t), g.cols(), gradient.data);
    adam.set_lr(t < 5 ? 1e-2 : 3e-3);
    adam.step_and_zero();
    CHECK(std::all_of(gradient.data, gradient.data + gradient.size(), [](float x) { return x == 0; }));
    check_close(value, {p.row(t), {p.cols()}}, name + " step " + std::to_string(t), tolerance);
  }
  CHECK(adam.steps() == 10);
  check_close({adam.m().data, p0.shape}, golden_floats(name + ".m"), name + ".m", tolerance);
  check_close({adam.v().data, p0.shape}, golden_floats(name + ".v"), name + ".v", tolerance);
}

void check_clip(const std::string& name) {
  const ConstView a = golden_floats(name + ".a"), b = golden_floats(name + ".b");
  Module module{{{"a", Parameter(a.shape)}, {"b", Parameter(b.shape)}}};
  ParameterSet set(module);
  std::copy_n(a.data, a.size(), module.parts[0].second.gradient.data);
  std::copy_n(b.data, b.size(), module.parts[1].second.gradient.data);
  const float norm = clip_gradient_norm(set, 2.0f);
  CHECK(norm == doctest::Approx(golden_floats(name + ".norm")[0]).epsilon(1e-6));
  check_close(module.parts[0].second.gradient, golden_floats(name + ".a_clipped"), name + ".a", 2e-7);
  check_close(module.parts[1].second.gradient, golden_floats(name + ".b_clipped"), name + ".b", 2e-7);
}

}  // namespace

TEST_CASE("ten steps of Adam equal torch.optim.Adam's, bit for bit where both fuse multiply and add") {
  check_adam("adam", 0);
  check_adam("adam_decay", 0.1);
}

TEST_CASE("Adam's first steps, by the pencil") {
  Module module{{{"w", Parameter({3})}}};
  ParameterSet set(module);
  const View w = module.parts[0].second.value, g = module.parts[0].second.gradient;
  w[0] = 1, w[1] = -2, w[2] = .5f;
  g[0] = 1, g[1] = -.1f, g[2] = 0;
  Adam adam(set);
  const float expected[3][2] = {
      {.9990000129f, -1.9989999533f}, {.9980000257f, -1.9979999065f}, {.9970000386f, -1.9969998599f}};
  for (const auto& step : expected) {
    adam.step();
    CHECK(w[0] == step[0]);
    CHECK(w[1] == step[1]);
    CHECK(w[2] == .5f);
  }
}

TEST_CASE("Adam stays within rounding of the plain engine's in double, with and without weight decay") {
  constexpr std::int64_t kSize = 100, kSteps = 20;
  for (const double weight_decay : {0.0, 0.01}) {
    Module module{{{"p", Parameter({kSize})}}};
    ParameterSet set(module);
    TorchGenerator generator(3);
    std::vector<float> drawn(kSize);
    generator.normal(drawn, 0, 1);
    const View value = module.parts[0].second.value, gradient = module.parts[0].second.gradient;
    std::copy_n(drawn.data(), kSize, value.data);
    Array<double> p({kSize}, drawn), g({kSize}), m({kSize}), v({kSize});
    Adam adam(set, {.lr = 1e-2, .weight_decay = weight_decay});
    for (std::int64_t t = 1; t <= kSteps; ++t) {
      generator.normal(drawn, 0, 1);
      std::copy_n(drawn.data(), kSize, gradient.data);
      std::copy_n(drawn.data(), kSize, g.data());
      adam.step_and_zero();
      plain::adam_step<double>(p.row(), g.row(), m.row(), v.row(), {1e-2, 0.9, 0.999, 1e-8, weight_decay, t},
                               true);
    }
    for (std::int64_t i = 0; i < kSize; ++i) {
      CHECK(static_cast<double>(value[i]) == doctest::Approx(p[i]).epsilon(1e-6));
      CHECK(gradient[i] == 0);
      CHECK(g[i] == 0);
    }
  }
}

TEST_CASE("clipping by norm equals torch's, above and below the limit") {
  check_clip("clip");
  check_clip("clip_not");
}

TEST_CASE(
    "clipping, by the pencil: all elements count, 1e-6 is added to the norm, and NaN spreads as in torch") {
  Module module{{{"w", Parameter({16})}}};  // a multiple of 16: nothing is padded
  ParameterSet set(module);
  const View g = module.parts[0].second.gradient;
  g[0] = 3e-6f, g[15] = 4e-6f;
  CHECK(clip_gradient_norm(set, 1e-6f) / 5e-6f == doctest::Approx(1));
  CHECK(g[0] / 3e-6f == doctest::Approx(1.0 / 6));  // times 1 / (5 + 1)
  CHECK(g[15] / 4e-6f == doctest::Approx(1.0 / 6));
  g[7] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(clip_gradient_norm(set, 1)));
  CHECK(std::all_of(g.data, g.data + g.size(), [](float x) { return std::isnan(x); }));
}

TEST_CASE("the cosine schedule is CosineAnnealingLR") {
  const CosineSchedule schedule{.lr = 1e-3, .epochs = 10, .min_lr = 1e-5};
  const auto expected = golden_values<double>("cosine.lr");
  REQUIRE(expected.size() == 10);
  for (std::size_t epoch = 0; epoch < expected.size(); ++epoch) {
    CHECK(schedule.at(static_cast<std::int64_t>(epoch)) == doctest::Approx(expected[epoch]).epsilon(1e-12));
  }
}

TEST_CASE("the plateau schedule is ReduceLROnPlateau") {
  const PlateauSchedule schedule{.patience = 2};
  PlateauState state;
  double lr = 1e-3;
  const auto losses = golden_values<double>("plateau.loss"), expected = golden_values<double>("plateau.lr");
  REQUIRE(expected.size() == losses.size());
  for (std::size_t epoch = 0; epoch < losses.size(); ++epoch) {
    CHECK(lr == doctest::Approx(expected[epoch]).epsilon(1e-12));
    lr = schedule.next(state, lr, losses[epoch]);
  }
  CHECK(expected.back() < 1e-4);  // the golden did fall
  const PlateauSchedule low{.factor = 0.5, .patience = 0};
  PlateauState low_state;
  CHECK(low.next(low_state, 1.5e-8, 1) == 1.5e-8);  // the first is the best
  CHECK(low.next(low_state, 1.5e-8, 1) == 1.5e-8);  // torch's eps: a change below 1e-8 is none
}
