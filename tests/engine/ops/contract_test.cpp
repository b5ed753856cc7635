// Operations must refuse wrong shapes before they write. Every operand lies in a buffer that is large enough
// if a check is missing, so the missing check is reported and no memory is damaged.

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/ops/add.h"
#include "engine/ops/conv2d.h"
#include "engine/ops/dropout.h"
#include "engine/ops/embedding.h"
#include "engine/ops/linear.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/lstm.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/relu.h"
#include "engine/ops/tanh.h"
#include "engine/tensor/tensor.h"

using namespace plainsight;

namespace {

struct Refusal {
  std::string name;
  std::function<void()> call;
};

}  // namespace

TEST_CASE("operations refuse shapes that do not fit, and ids out of range") {
  std::vector<Tensor> buffers;
  const auto of = [&](Shape shape) -> View {
    buffers.emplace_back(Shape{1024});
    return {buffers.back().data(), shape};
  };
  Arena scratch;
  TorchGenerator generator(1);
  std::vector<std::int32_t> ids{0, 1}, bad_ids{0, 9}, argmax(64);
  const View three = of({3}), four = of({4}), matrix = of({2, 3}), image = of({1, 2, 4, 4}),
             taps = of({3, 2, 3, 3}), half = of({1, 2, 2, 2}), many = of({1, 3, 2, 2});

  // R = 3 rows in steps of 2 and 1 sequences, I = 2, H = 4.
  const std::vector<std::int64_t> steps{2, 1};
  const LstmInputs in{of({3, 2}), of({2, 4}), of({2, 4}), steps};
  const LstmWeights w{of({16, 2}), of({16, 4}), of({16}), of({16})};
  const LstmStates states{of({3, 4}), of({3, 4}), of({3, 16})};
  const View dh = of({3, 4}), small = of({2, 4}), small_gates = of({2, 16});
  const auto forward = [&](const LstmStates& out) {
    return [=, &scratch] { lstm_forward(out, in, w, scratch); };
  };
  const auto backward = [&](View dh_, const LstmStates& saved, const LstmInputs& in_) {
    return [=, &scratch] { lstm_backward({}, dh_, saved, in_, w, scratch); };
  };
  CHECK_NOTHROW(forward(states)());
  CHECK_NOTHROW(backward(dh, states, in)());

  const Refusal refusals[] = {
      {"lstm_forward: h", forward({small, states.c, states.gates})},
      {"lstm_forward: c", forward({states.h, small, states.gates})},
      {"lstm_forward: gates", forward({states.h, states.c, small_gates})},
      {"lstm_backward: dh", backward(small, states, in)},
      {"lstm_backward: h", backward(dh, {small, states.c, states.gates}, in)},
      {"lstm_backward: c", backward(dh, {states.h, small, states.gates}, in)},
      {"lstm_backward: gates", backward(dh, {states.h, states.c, small_gates}, in)},
      {"lstm_backward: c0", backward(dh, states, {in.x, in.h0, of({1, 4}), steps})},
      {"linear_backward: dx",
       [&] {
         linear_backward(of({2, 4}), {}, {}, matrix, matrix, of({3, 3}));
       }},
      {"linear_backward: dW",
       [&] {
         linear_backward({}, of({3, 4}), {}, matrix, matrix, of({3, 3}));
       }},
      {"linear_backward: db",
       [&] {
         linear_backward({}, {}, four, matrix, matrix, of({3, 3}));
       }},
      {"embedding_backward: id",
       [&] {
         embedding_backward(of({5, 3}), matrix, bad_ids);
       }},
      {"embedding_backward: rows",
       [&] {
         embedding_backward(of({5, 3}), of({1, 3}), ids);
       }},
      {"embedding_backward: columns",
       [&] {
         embedding_backward(of({5, 4}), matrix, ids);
       }},
      {"add_backward: da", [&] { add_backward(four, {}, three); }},
      {"add_backward: db", [&] { add_backward({}, four, three); }},
      {"relu_backward: dy", [&] { relu_backward(four, three, four); }},
      {"relu_backward: y", [&] { relu_backward(four, four, three); }},
      {"tanh_backward: dy", [&] { tanh_backward(four, three, four); }},
      {"tanh_backward: y", [&] { tanh_backward(four, four, three); }},
      {"dropout_backward: dy", [&] { dropout_backward(four, three, four); }},
      {"dropout_backward: m", [&] { dropout_backward(four, four, three); }},
      {"dropout_mask: p", [&] { dropout_mask(four, 1, generator); }},
      {"max_pool2d_backward: planes", [&] { max_pool2d_backward(image, many, argmax.data()); }},
      {"max_pool2d_backward: rank", [&] { max_pool2d_backward(matrix, half, argmax.data()); }},
      {"conv2d_output: a kernel wider than the image",
       [&] {
         conv2d_output(of({1, 2, 4, 2}).shape, taps.shape, {});
       }},
      {"conv2d_backward: dy", [&] { conv2d_backward({}, {}, three, half, image, taps, {}, scratch); }},
      {"conv2d_backward: dx", [&] { conv2d_backward(half, {}, {}, many, image, taps, {}, scratch); }},
      {"conv2d_backward: dW", [&] { conv2d_backward({}, half, {}, many, image, taps, {}, scratch); }},
      {"conv2d_backward: db", [&] { conv2d_backward({}, {}, four, many, image, taps, {}, scratch); }},
  };
  for (const Refusal& r : refusals) {
    CAPTURE(r.name);
    CHECK_THROWS_AS(r.call(), ContractError);
  }
}

TEST_CASE("linear_cross_entropy refuses gradients of another shape") {
  Tensor x({2, 3}), W({5, 3}), b({5}), wide({7, 7});
  const std::vector<std::int32_t> targets{0, 4};
  Arena scratch;
  const auto call = [&](View dx, View dW, View db) {
    linear_cross_entropy_forward_backward(dx, dW, db, x, W, b, targets, kIgnoreIndex, scratch);
  };
  CHECK_NOTHROW(call({}, {}, {}));
  CHECK_THROWS_AS(call(wide, {}, {}), ContractError);
  CHECK_THROWS_AS(call({}, wide, {}), ContractError);
  CHECK_THROWS_AS(call({}, {}, wide), ContractError);
}

TEST_CASE("linear_cross_entropy, whose gradients come with its value, refuses to be scaled afterwards") {
  Tape tape;
  Tensor x({2, 3}), weight({5, 3}), bias({5}), cotangent({1});
  Parameter W, b;
  W.value = weight.view(), b.value = bias.view();
  const std::vector<std::int32_t> targets{0, 4};
  cotangent[0] = 2;
  const Var loss = linear_cross_entropy(tape, tape.input(x), W, b, targets);
  CHECK_THROWS_AS(tape.backward(loss, cotangent), ContractError);
}
