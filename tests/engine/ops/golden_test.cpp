#include <algorithm>
#include <cmath>

#include "engine/nn/lstm.h"
#include "engine/ops/add.h"
#include "engine/ops/conv2d.h"
#include "engine/ops/dropout.h"
#include "engine/ops/embedding.h"
#include "engine/ops/linear.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/relu.h"
#include "engine/ops/tanh.h"
#include "tests/support/op_goldens.h"

using namespace plainsight;
using namespace plainsight::test;

// Results and gradients of every operation against PyTorch's.

TEST_CASE("linear equals torch") {
  Tape tape;
  const GoldenCase g("linear", {"x", "W", "b"});
  g.check(tape, linear(tape, g.var(0), g.parameter(1), g.parameter(2)));
}

TEST_CASE("conv2d equals torch") {
  Tape tape;
  const GoldenCase g("conv2d", {"x", "W", "b"});
  g.check(tape, conv2d(tape, g.var(0), g.parameter(1), g.parameter(2), {.stride = 1, .padding = 1}));
  const GoldenCase strided("conv2d_stride2", {"x", "W", "b"});
  tape.clear();
  strided.check(tape, conv2d(tape, strided.var(0), strided.parameter(1), strided.parameter(2),
                             {.stride = 2, .padding = 1}));
}

TEST_CASE("max_pool2d equals torch, also among equal maxima") {
  Tape tape;
  const GoldenCase g("max_pool2d", {"x"});
  g.check(tape, max_pool2d(tape, g.var(0)));
  const GoldenCase overlapping("max_pool2d_overlapping", {"x"});
  tape.clear();
  overlapping.check(tape, max_pool2d(tape, overlapping.var(0), {.kernel = 3, .stride = 2}));
}

TEST_CASE("relu, tanh and add equal torch") {
  Tape tape;
  const GoldenCase r("relu", {"x"}), t("tanh", {"x"}), a("add", {"a", "b"});
  r.check(tape, relu(tape, r.var(0)));
  tape.clear();
  t.check(tape, plainsight::tanh(tape, t.var(0)));
  tape.clear();
  a.check(tape, add(tape, a.var(0), a.var(1)));
}

TEST_CASE("relu and max_pool2d keep a NaN") {
  const float nan = std::nanf("");
  Tensor x({1, 1, 2, 2}), y({4}), pooled({1, 1, 1, 1});
  x[0] = 1, x[1] = nan, x[2] = 2, x[3] = -1;
  relu_forward(y, x);
  CHECK(std::isnan(y[1]));
  std::int32_t argmax = -1;
  max_pool2d_forward(pooled, &argmax, x, {});
  CHECK(std::isnan(pooled[0]));
  CHECK(argmax == 1);
}

TEST_CASE("dropout draws torch's mask") {
  Tape tape;
  const GoldenCase g("dropout", {"x"});
  TorchGenerator generator(11);
  g.check(tape, dropout(tape, g.var(0), 0.3f, generator));
}

TEST_CASE("embedding equals torch; the padding row gets no gradient") {
  Tape tape;
  const GoldenCase g("embedding", {"W"});
  const auto ids = golden_values<std::int32_t>("embedding.ids");
  g.check(tape, embedding(tape, ids, g.parameter(0), 0));
  const std::vector<std::int32_t> wrong{6};
  CHECK_THROWS_AS(embedding(tape, wrong, g.parameter(0)), ContractError);
}

TEST_CASE("linear_cross_entropy equals torch") {
  Tape tape;
  const GoldenCase g("linear_cross_entropy", {"x", "W", "b"});
  const auto t = golden_values<std::int32_t>("linear_cross_entropy.t");
  g.check(tape, linear_cross_entropy(tape, g.var(0), g.parameter(1), g.parameter(2), t, 0));
}

TEST_CASE("linear_cross_entropy with smoothed labels equals torch") {
  Tape tape;
  const GoldenCase g("label_smoothing", {"x", "W", "b"});
  const auto t = golden_values<std::int32_t>("label_smoothing.t");
  g.check(tape, linear_cross_entropy(tape, g.var(0), g.parameter(1), g.parameter(2), t, 0, 0.1f));
}

TEST_CASE("linear_cross_entropy with a weight for each row equals torch") {
  Tape tape;
  const GoldenCase g("weighted_cross_entropy", {"x", "W", "b"});
  const auto t = golden_values<std::int32_t>("weighted_cross_entropy.t");
  const auto w = golden_values<float>("weighted_cross_entropy.w");
  g.check(tape, linear_cross_entropy(tape, g.var(0), g.parameter(1), g.parameter(2), t, 0, 0, w));
  CHECK_THROWS_AS(
      linear_cross_entropy(tape, g.var(0), g.parameter(1), g.parameter(2), t, 0, 0, std::span(w).first(8)),
      ContractError);
}

TEST_CASE("cross-entropy of given logits") {
  // x = logits, W = identity, b = 0: the logits pass through unchanged.
  Tensor z({3, 3}), identity({3, 3}), zero({3});
  for (std::int64_t i = 0; i < 3; ++i) identity[i * 4] = 1;
  const float logits[] = {1, 2, 3, 1, 1, 1, 0, 0, 5};
  std::copy_n(logits, 9, z.data());
  const std::vector<std::int32_t> targets{2, 0, 1}, ignored{0, 0, 0}, wrong{0, 3, 0};
  Arena scratch;
  const auto loss = [&](const std::vector<std::int32_t>& t, std::int32_t ignore) {
    return static_cast<double>(linear_cross_entropy_forward(z, identity, zero, t, ignore, scratch));
  };
  CHECK(loss(targets, kIgnoreIndex) == doctest::Approx(2.173201322555542).epsilon(1e-6));
  CHECK(loss(targets, 0) == doctest::Approx(2.710495948791504).epsilon(1e-6));
  CHECK(std::isnan(loss(ignored, 0)));
  CHECK_THROWS_AS(loss(wrong, 1), ContractError);
}

TEST_CASE("very large logits neither overflow nor lose the loss") {
  Tensor x({1, 1}), W({2, 1}), b({2}), dW({2, 1});
  x[0] = 1, W[0] = 1000, W[1] = -1000;
  Arena scratch;
  const std::vector<std::int32_t> target{1};
  const float loss =
      linear_cross_entropy_forward_backward({}, dW, {}, x, W, b, target, kIgnoreIndex, scratch);
  CHECK(loss == 2000.0f);
  CHECK(dW[0] == 1.0f);
  CHECK(dW[1] == -1.0f);
}

TEST_CASE("lstm equals torch.nn.LSTM over packed sequences") {
  Tape tape;
  const GoldenCase g("lstm", {"x", "h0", "c0", "W_ih", "W_hh", "b_ih", "b_hh"});
  std::vector<std::int64_t> batch_sizes;
  for (const std::int32_t n : golden_values<std::int32_t>("lstm.batch_sizes")) batch_sizes.push_back(n);
  const LstmParameters p{g.parameter(3), g.parameter(4), g.parameter(5), g.parameter(6)};
  g.check(tape, lstm(tape, g.var(0), g.var(1), g.var(2), batch_sizes, p));
  const std::vector<std::int64_t> growing{3, 4, 5};
  CHECK_THROWS_AS(lstm(tape, g.var(0), {}, {}, growing, p), ContractError);
}

TEST_CASE("lstm with pencil-sized numbers: the gate order is i, f, g, o") {
  Tensor x({2, 1}), h0({1, 1}), c0({1, 1}), W_ih({4, 1}), W_hh({4, 1}), b_ih({4}), b_hh({4});
  Tensor h({2, 1}), c({2, 1}), gates({2, 4});
  x[0] = 1, x[1] = -2, h0[0] = .3f, c0[0] = -.7f;
  for (std::int64_t q = 0; q < 4; ++q) {
    const auto n = static_cast<float>(q);
    W_ih[q] = .1f + .1f * n, W_hh[q] = .5f + .1f * n, b_ih[q] = .01f + .01f * n, b_hh[q] = .05f + .01f * n;
  }
  const std::vector<std::int64_t> batch_sizes{1, 1};
  Arena scratch;
  lstm_forward({h, c, gates}, {x, h0, c0, batch_sizes}, {W_ih, W_hh, b_ih, b_hh}, scratch);
  CHECK(static_cast<double>(h[0]) == doctest::Approx(-.07815394550561905).epsilon(1e-6));
  CHECK(static_cast<double>(h[1]) == doctest::Approx(-.08700419217348099).epsilon(1e-6));
  CHECK(static_cast<double>(c[1]) == doctest::Approx(-.2766697406768799).epsilon(1e-6));
}
