#include <algorithm>
#include <numeric>

#include "engine/base/random.h"
#include "engine/check/check_op.h"
#include "engine/kernels/reference.h"
#include "engine/ops/add.h"
#include "engine/ops/conv2d.h"
#include "engine/ops/dropout.h"
#include "engine/ops/embedding.h"
#include "engine/ops/linear.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/lstm.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/relu.h"
#include "engine/ops/select_rows.h"
#include "engine/ops/tanh.h"

// Each function below makes the check of one operation from sizes: adding an operation adds one function here
// and its lines to all_op_checks().
namespace plainsight {

namespace {

using Size = std::int64_t;
using Parameters = std::vector<Parameter>;

Var var(const Parameter& p) { return {p.value, p.gradient}; }

OpCheck linear_check(Size N, Size I, Size O) {
  return op_check(
      "linear " + Shape{N, I, O}.str(), {{N, I}, {O, I}, {O}}, std::max({N, I, O}),
      [](Tape& tape, const Parameters& p) { return linear(tape, var(p[0]), p[1], p[2]); },
      [=](const auto& in) { return reference::linear(in[0], in[1], in[2], N, I, O); });
}

OpCheck conv2d_check(const reference::ConvSizes& s) {
  return op_check(
      "conv2d " + Shape{s.N, s.C, s.H, s.W}.str() + "*" + Shape{s.O, s.C, s.k, s.l}.str(),
      {{s.N, s.C, s.H, s.W}, {s.O, s.C, s.k, s.l}, {s.O}},
      std::max({s.C * s.k * s.l, s.O * s.k * s.l, s.N * s.out_height() * s.out_width()}),
      [=](Tape& tape, const Parameters& p) {
        return conv2d(tape, var(p[0]), p[1], p[2], {.stride = s.stride, .padding = s.padding});
      },
      [=](const auto& in) { return reference::conv2d(in[0], in[1], in[2], s); });
}

OpCheck max_pool2d_check(Size N, Size C, Size H, Size W, PoolShape pool) {
  OpCheck op = op_check(
      "max_pool2d " + Shape{N, C, H, W}.str(), {{N, C, H, W}}, pool.kernel * pool.kernel,
      [=](Tape& tape, const Parameters& p) { return max_pool2d(tape, var(p[0]), pool); },
      [=](const auto& in) { return reference::max_pool2d(in[0], N * C, H, W, pool.kernel, pool.stride); });
  op.most_zeros = 0.9;  // one of the k*k places of a window gets the gradient
  return op;
}

OpCheck relu_check(Size n) {
  OpCheck op = op_check(
      "relu " + Shape{n}.str(), {{n}}, 1,
      [](Tape& tape, const Parameters& p) { return relu(tape, var(p[0])); },
      [](const auto& in) { return reference::relu(in[0]); });
  op.most_zeros = 0.8;  // half of the operands are negative
  return op;
}

OpCheck tanh_check(Size n) {
  return op_check(
      "tanh " + Shape{n}.str(), {{n}}, 1,
      [](Tape& tape, const Parameters& p) { return tanh(tape, var(p[0])); },
      [](const auto& in) { return reference::tanh(in[0]); });
}

OpCheck add_check(Size N, Size D) {
  return op_check(
      "add " + Shape{N, D}.str(), {{N, D}, {N, D}}, 1,
      [](Tape& tape, const Parameters& p) { return add(tape, var(p[0]), var(p[1])); },
      [](const auto& in) { return reference::add(in[0], in[1]); });
}

OpCheck dropout_check(Size n, float p_drop) {
  constexpr std::uint64_t kMaskSeed = 5;
  OpCheck op = op_check(
      "dropout " + Shape{n}.str(), {{n}}, 1,
      [=](Tape& tape, const Parameters& p) {
        TorchGenerator generator(kMaskSeed);
        return dropout(tape, var(p[0]), p_drop, generator);
      },
      [=](const auto& in) {
        Tensor mask({n});
        TorchGenerator generator(kMaskSeed);
        dropout_mask(mask, p_drop, generator);
        return reference::multiply(in[0], std::vector<double>(mask.data(), mask.data() + n));
      });
  op.most_zeros = 0.6;
  return op;
}

OpCheck embedding_check(std::vector<std::int32_t> ids, std::int32_t padding_idx, Size V, Size E) {
  OpCheck op = op_check(
      "embedding " + Shape{static_cast<Size>(ids.size()), V, E}.str(), {{V, E}},
      static_cast<Size>(ids.size()) + 1,
      [=](Tape& tape, const Parameters& p) { return embedding(tape, ids, p[0], padding_idx); },
      [=](const auto& in) { return reference::embedding(in[0], ids, padding_idx, E); });
  op.most_zeros = 0.5;  // rows that no id names, and the padding row
  return op;
}

OpCheck select_rows_check(std::vector<std::int32_t> rows, Size R, Size D) {
  OpCheck op = op_check(
      "select_rows " + Shape{static_cast<Size>(rows.size()), R, D}.str(), {{R, D}},
      static_cast<Size>(rows.size()) + 1,
      [=](Tape& tape, const Parameters& p) { return select_rows(tape, var(p[0]), rows); },
      [=](const auto& in) { return reference::embedding(in[0], rows, kNoPadding, D); });
  op.most_zeros = 0.5;
  return op;
}

OpCheck lstm_check(std::vector<Size> batch_sizes, Size I, Size H, bool initial_states) {
  const Size R = std::accumulate(batch_sizes.begin(), batch_sizes.end(), Size{0});
  const Size B = initial_states && !batch_sizes.empty() ? batch_sizes[0] : 0;
  return op_check(
      "lstm " + Shape{R, I, H}.str() + (initial_states ? ", h0 and c0" : ""),
      {{R, I}, {B, H}, {B, H}, {4 * H, I}, {4 * H, H}, {4 * H}, {4 * H}}, std::max({R, I + H, 4 * H}),
      [=](Tape& tape, const Parameters& p) {
        const Var h0 = initial_states ? var(p[1]) : Var(), c0 = initial_states ? var(p[2]) : Var();
        return lstm(tape, var(p[0]), h0, c0, batch_sizes, {p[3], p[4], p[5], p[6]});
      },
      [=]<class T>(const Operands<T>& in) {
        const reference::LstmOperands<T> operands{in[0], in[1], in[2], in[3], in[4], in[5], in[6]};
        return reference::lstm(operands, batch_sizes, I, H);
      });
}

OpCheck linear_cross_entropy_check(std::vector<std::int32_t> targets, Size H, Size V) {
  const auto N = static_cast<Size>(targets.size());
  OpCheck op = op_check(
      "linear_cross_entropy " + Shape{N, H, V}.str(), {{N, H}, {V, H}, {V}}, std::max({N, H, V}),
      [=](Tape& tape, const Parameters& p) {
        return linear_cross_entropy(tape, var(p[0]), p[1], p[2], targets, 0);
      },
      [=]<class T>(const Operands<T>& in) {
        const auto z = reference::linear(in[0], in[1], in[2], N, H, V);
        return std::vector<T>{reference::cross_entropy(z, targets, V, 0)};
      });
  op.most_zeros = 0.4;  // rows that are ignored
  return op;
}

// A shape at which most gradients are zero by nature: nothing flows through an empty result, and a kernel
// that is larger than the picture has rows that read padding alone.
OpCheck mostly_zeros(OpCheck op) {
  op.most_zeros = 1;
  return op;
}

// n targets in [1, V), with some ignored (0).
std::vector<std::int32_t> targets(Size n, Size V) {
  TorchGenerator generator(3);
  std::vector<std::int32_t> t;
  for (Size i = 0; i < n; ++i)
    t.push_back(i % 7 == 3 ? 0 : 1 + static_cast<std::int32_t>(generator.random() % (V - 1)));
  return t;
}

}  // namespace

std::vector<OpCheck> all_op_checks() {
  return {
      linear_check(1, 1, 1),
      linear_check(5, 17, 9),
      linear_check(35, 16, 33),
      mostly_zeros(linear_check(3, 4, 0)),
      mostly_zeros(linear_check(0, 4, 3)),
      conv2d_check({2, 3, 5, 7, 4, 3, 3, 1, 1}),
      conv2d_check({1, 2, 6, 5, 3, 3, 2, 1, 0}),
      conv2d_check({2, 2, 7, 6, 3, 3, 3, 2, 1}),
      mostly_zeros(conv2d_check({1, 1, 1, 1, 2, 3, 3, 1, 1})),
      mostly_zeros(conv2d_check({1, 2, 2, 1, 2, 5, 5, 3, 2})),
      max_pool2d_check(2, 3, 6, 4, {}),
      max_pool2d_check(1, 2, 7, 5, {}),
      mostly_zeros(max_pool2d_check(1, 1, 7, 7, {.kernel = 3, .stride = 2})),
      relu_check(100),
      mostly_zeros(relu_check(1)),
      relu_check(0),
      tanh_check(33),
      tanh_check(0),
      add_check(3, 5),
      dropout_check(100, 0.5f),
      dropout_check(17, 0.2f),
      embedding_check({3, 1, 3, 0, 2, 3}, 0, 5, 4),
      embedding_check({1, 0, 1}, kNoPadding, 2, 17),
      embedding_check({}, 0, 0, 3),
      select_rows_check({0, 2, 2, 4, 5}, 6, 3),
      lstm_check({3, 2, 2, 1}, 4, 5, true),
      lstm_check({3, 2, 2, 1}, 4, 5, false),
      lstm_check({1}, 1, 1, true),
      lstm_check({17, 9, 9, 9, 2}, 3, 8, true),
      mostly_zeros(lstm_check({}, 2, 3, false)),
      linear_cross_entropy_check(targets(6, 9), 4, 9),
      linear_cross_entropy_check(targets(1, 17), 1, 17),
      linear_cross_entropy_check(targets(135, 5), 3, 5),
      linear_cross_entropy_check(targets(9, 40), 17, 40),
  };
}

}  // namespace plainsight
