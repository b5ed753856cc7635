#include "engine/base/random.h"
#include "engine/check/op_checks.h"
#include "engine/ops/embedding.h"

namespace plainsight {

namespace {

// A shape at which most gradients are zero by definition: an empty result has no gradient, and a kernel
// larger than the image has rows that read padding only.
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
      linear_cross_entropy_check(targets(9, 40), 17, 40, 0.1f),
      linear_cross_entropy_check(targets(9, 40), 17, 40, 0, {1, -2, 0.5f, 3, -0.1f, 0, 1, -1, 2}),
  };
}

}  // namespace plainsight
