#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/optim/adam.h"

using namespace plainsight;

namespace {

constexpr std::int64_t kRows = 60, kWidth = 19, kUsed = 40;  // the last 20 rows are never used

struct Model {
  Parameter before{Shape{7}}, embedding{Shape{kRows, kWidth}}, after{Shape{5, 3}};

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    f(prefix + "before", before);
    f(prefix + "embedding", embedding);
    f(prefix + "after", after);
  }
};

// A model, its optimiser and a stream of batches; the same seeds give the same gradients.
struct Training {
  explicit Training(bool lazy, double weight_decay = 0)
      : parameters(model), adam(parameters, {.lr = 1e-2, .weight_decay = weight_decay}), lazy_(lazy) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    for (std::int64_t i = 0; i < parameters.values().size(); ++i) parameters.values()[i] = normal(random);
    if (lazy_) adam.make_lazy(model.embedding);
  }
  void step(unsigned number) {
    std::mt19937 random(number);
    std::normal_distribution<float> normal;
    // Row 0 in the first step only; others now and then, some twice in a batch.
    std::vector<std::int32_t> ids{static_cast<std::int32_t>(number == 1 ? 0 : 1)};
    for (int i = 0; i < 6; ++i) ids.push_back(static_cast<std::int32_t>(1 + random() % (kUsed - 1)));
    if (number == 4) ids.clear();
    if (lazy_) adam.use_rows(ids);
    for (const std::int32_t id : ids)
      for (std::int64_t k = 0; k < kWidth; ++k) model.embedding.gradient.row(id)[k] += normal(random);
    for (const Parameter* p : {&model.before, &model.after})
      for (std::int64_t k = 0; k < p->value.size(); ++k) p->gradient[k] += normal(random);
    if (number == 300) adam.set_lr(2e-3);
    adam.step_and_zero();
  }
  Model model;
  ParameterSet parameters;
  Adam adam;
  bool lazy_;
};

bool same_bits(ConstView a, ConstView b) {
  return a.size() == b.size() &&
         std::memcmp(a.data, b.data, static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

void check_same(Training& a, Training& b) {
  CHECK(same_bits(a.parameters.values(), b.parameters.values()));
  CHECK(same_bits(a.adam.m(), b.adam.m()));
  CHECK(same_bits(a.adam.v(), b.adam.v()));
}

}  // namespace

TEST_CASE("lazy Adam has the bits of dense Adam over hundreds of steps, and through a checkpoint") {
  set_threads(2);
  Training dense(false), lazy(true), resumed(false);
  for (unsigned t = 1; t <= 600; ++t) {
    dense.step(t);
    lazy.step(t);
    if (t == 1 || t == 37 || t == 250 || t == 600) {
      lazy.adam.catch_up();
      check_same(dense, lazy);
    }
    if (t == 250) {
      // The state that a checkpoint keeps goes into a new optimiser.
      std::copy_n(lazy.parameters.values().data, lazy.parameters.values().size(),
                  resumed.parameters.values().data);
      std::copy_n(lazy.adam.m().data, lazy.adam.m().size(), resumed.adam.m().data);
      std::copy_n(lazy.adam.v().data, lazy.adam.v().size(), resumed.adam.v().data);
      resumed.adam.set_steps(lazy.adam.steps());
      resumed.adam.make_lazy(resumed.model.embedding);
      resumed.lazy_ = true;
    }
    if (t > 250) resumed.step(t);
  }
  resumed.adam.catch_up();
  check_same(dense, resumed);
}

TEST_CASE("lazy Adam stays exact beyond the history that is kept") {
  Training dense(false), lazy(true);
  for (unsigned t = 1; t <= 1100; ++t) {
    dense.step(t);
    lazy.step(t);
  }
  lazy.adam.catch_up();
  check_same(dense, lazy);
}

TEST_CASE("a row whose m has run down to 0 is not one that was never used: its v still falls") {
  Training dense(false), lazy(false);
  for (Training* t : {&dense, &lazy}) {
    // As in a checkpoint a thousand steps after the row's last use: 0.9^1000 is 0 in a float, 0.999^1000 not.
    const std::int64_t unused = t->parameters.offset_of(t->model.embedding) + (kRows - 1) * kWidth;
    std::fill_n(t->adam.v().data + unused, kWidth, 0.25f);
  }
  lazy.adam.make_lazy(lazy.model.embedding);
  lazy.lazy_ = true;
  for (unsigned t = 1; t <= 20; ++t) {
    dense.step(t);
    lazy.step(t);
  }
  lazy.adam.catch_up();
  check_same(dense, lazy);
}

TEST_CASE("Adam is not lazy under weight decay, where all of them move") {
  Training dense(false, 0.1), lazy(true, 0.1);
  for (unsigned t = 1; t <= 20; ++t) {
    dense.step(t);
    lazy.step(t);
  }
  check_same(dense, lazy);
}

TEST_CASE("stale moments cannot be read") {
  if (engine() == Engine::plain) return;  // nothing is lazy there
  Training lazy(true);
  lazy.step(1);
  CHECK_THROWS_AS(lazy.adam.m(), ContractError);
  CHECK_THROWS_AS(lazy.adam.make_lazy(lazy.model.embedding), ContractError);
  lazy.adam.catch_up();
  CHECK(lazy.adam.m().size() == lazy.parameters.values().size());
  const std::vector<std::int32_t> wrong{static_cast<std::int32_t>(kRows)};
  CHECK_THROWS_AS(lazy.adam.use_rows(wrong), ContractError);
}
