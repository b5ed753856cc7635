#pragma once

#include <cstdint>
#include <vector>

#include "engine/check/check_op.h"
#include "engine/ops/max_pool2d.h"
#include "engine/plain/conv2d.h"

// The check of each operation, from sizes.
namespace plainsight {

using Size = std::int64_t;
using Parameters = std::vector<Parameter>;
using Gradients = Operands<double>;

inline Var var(const Parameter& p) { return {p.value, p.gradient}; }

// elementwise_checks.cpp
OpCheck add_check(Size N, Size D);
OpCheck dropout_check(Size n, float p_drop);
OpCheck relu_check(Size n);
OpCheck tanh_check(Size n);

// layer_checks.cpp
OpCheck conv2d_check(const plain::ConvSizes& s);
OpCheck embedding_check(std::vector<std::int32_t> ids, std::int32_t padding_idx, Size V, Size E);
OpCheck linear_check(Size N, Size I, Size O);
OpCheck max_pool2d_check(Size N, Size C, Size H, Size W, PoolShape pool);
OpCheck select_rows_check(std::vector<std::int32_t> rows, Size R, Size D);

// sequence_checks.cpp
/// Rows whose target is 0 are ignored.
OpCheck linear_cross_entropy_check(std::vector<std::int32_t> targets, Size H, Size V,
                                   float label_smoothing = 0, std::vector<float> weights = {});
OpCheck lstm_check(std::vector<Size> batch_sizes, Size I, Size H, bool initial_states);

}  // namespace plainsight
