// linear_cross_entropy at sizes that cross its blocks of rows, columns and depth.

#include "engine/ops/linear_cross_entropy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <span>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/check/check_op.h"
#include "engine/kernels/isa/engine.h"
#include "engine/plain/linear_cross_entropy.h"

using namespace plainsight;

namespace {

struct Problem {
  Problem(std::int64_t N, std::int64_t H, std::int64_t V, float size, unsigned seed)
      : x({N, H}), W({V, H}), b({V}), targets(static_cast<std::size_t>(N)) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> real(-size, size);
    for (Tensor* t : {&x, &W, &b})
      for (std::int64_t i = 0; i < t->size(); ++i) (*t)[i] = real(random);
    // The first, the last and random outputs; every fifth row has no target.
    for (std::size_t n = 0; n < targets.size(); ++n)
      targets[n] = n % 5 == 3 ? kIgnoreIndex : static_cast<std::int32_t>(random() % static_cast<unsigned>(V));
    targets[0] = 0;
    if (N > 1) targets[1] = static_cast<std::int32_t>(V - 1);
    if (seed % 2 == 0) return;  // no weights
    for (std::int64_t n = 0; n < N; ++n) weights.push_back(real(random) + 0.5f * size);
  }
  Tensor x, W, b;
  std::vector<std::int32_t> targets;
  std::vector<float> weights;
};

struct Result {
  explicit Result(const Problem& p) : dx(p.x.shape()), dW(p.W.shape()), db(p.b.shape()) {}
  double loss = 0;
  Tensor dx, dW, db;
};

Result fused(const Problem& p) {
  Result r(p);
  Arena scratch;
  r.loss = static_cast<double>(linear_cross_entropy_forward_backward(
      r.dx, r.dW, r.db, p.x, p.W, p.b, p.targets, kIgnoreIndex, scratch, 0, p.weights));
  return r;
}

// The plain engine, in double.
struct Reference {
  explicit Reference(const Problem& p) : dx(p.x.shape()), dW(p.W.shape()), db(p.b.shape()) {
    const auto exact = [](const Tensor& t) {
      return Array<double>(t.shape(), std::span(t.data(), static_cast<std::size_t>(t.size())));
    };
    const Array<double> x = exact(p.x), W = exact(p.W), b = exact(p.b);
    Arena scratch;
    loss = plain::linear_cross_entropy<double>(dx.matrix(), dW.matrix(), db.row(), x.matrix(), W.matrix(),
                                               b.row(), p.targets, kIgnoreIndex, scratch, p.weights);
  }
  double loss = 0;
  Array<double> dx, dW, db;
};

// |got - want| / |want|, both as whole vectors.
double relative_error(const Tensor& got, const Array<double>& want) {
  double error = 0, norm = 0;
  for (std::int64_t i = 0; i < want.size(); ++i) {
    const double d = static_cast<double>(got[i]) - want[i];
    error += d * d;
    norm += want[i] * want[i];
  }
  return std::sqrt(error / norm);
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("linear_cross_entropy equals the plain engine in double across its blocks") {
  // Rows beyond one pass (84, or 352 on AMX) and one block (704), depth beyond one block (256),
  // outputs beyond one (256) and beyond 16 of them.
  const Problem problems[] = {{1, 1, 1, 1, 1},     {3, 5, 2, 1, 2},      {500, 300, 700, 0.3f, 3},
                              {900, 9, 257, 1, 4}, {90, 20, 4500, 1, 5}, {40, 16, 600, 4, 6}};
  for (int t : {1, 3}) {
    set_threads(t);
    for (const Problem& p : problems) {
      INFO("N, H, V = ", p.x.view().rows(), " ", p.x.view().cols(), " ", p.W.view().rows());
      const Result r = fused(p);
      const Reference want(p);
      CHECK(r.loss == doctest::Approx(want.loss).epsilon(1e-6));
      if (p.W.view().rows() == 1) continue;  // nothing to choose: the gradients are 0
      CHECK(relative_error(r.dx, want.dx) < 2e-6);
      CHECK(relative_error(r.dW, want.dW) < 2e-6);
      CHECK(relative_error(r.db, want.db) < 2e-6);
    }
  }
}

TEST_CASE("linear_cross_entropy gives the same bits for any number of threads") {
  if (engine() == Engine::plain) return;  // BLAS may sum in another order
  const Problem p(500, 40, 9000, 0.5f, 7);
  set_threads(1);
  const Result want = fused(p);
  for (int t : {2, 3, 7}) {
    set_threads(t);
    const Result r = fused(p);
    CHECK(r.loss == want.loss);
    CHECK(same_bits(r.dx, want.dx));
    CHECK(same_bits(r.dW, want.dW));
    CHECK(same_bits(r.db, want.db));
  }
}

TEST_CASE("linear_cross_entropy survives logits far above the target's") {
  // The target's logit is about 500 below the largest: e^500 is no float.
  Problem p(20, 8, 600, 1, 8);
  p.b[17] = 500;
  p.b[599] = 450;
  const Result r = fused(p);
  const Reference want(p);
  CHECK(r.loss == doctest::Approx(want.loss).epsilon(1e-6));
  CHECK(relative_error(r.dx, want.dx) < 2e-6);
  CHECK(relative_error(r.dW, want.dW) < 2e-6);
}

TEST_CASE("linear_cross_entropy adds to its gradients, and gives only those that are wanted") {
  const Problem p(30, 12, 400, 1, 10);
  const Result once = fused(p);
  Result r(p);
  Arena scratch;
  const auto run = [&](View dx, View dW, View db) {
    return linear_cross_entropy_forward_backward(dx, dW, db, p.x, p.W, p.b, p.targets, kIgnoreIndex, scratch);
  };
  run(r.dx, {}, {});
  CHECK(same_bits(r.dx, once.dx));
  run({}, r.dW, {});
  CHECK(same_bits(r.dW, once.dW));
  run({}, {}, r.db);
  CHECK(same_bits(r.db, once.db));
  run(r.dx, r.dW, r.db);
  for (std::int64_t i = 0; i < r.dW.size(); ++i)
    CHECK(r.dW[i] == doctest::Approx(2 * once.dW[i]).epsilon(1e-5).scale(1e-3));
  for (std::int64_t i = 0; i < r.dx.size(); ++i)
    CHECK(r.dx[i] == doctest::Approx(2 * once.dx[i]).epsilon(1e-5).scale(1e-3));
  CHECK(static_cast<double>(linear_cross_entropy_forward(p.x, p.W, p.b, p.targets, kIgnoreIndex, scratch)) ==
        once.loss);
}
