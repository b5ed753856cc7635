#include "engine/infer/dense.h"

#include <algorithm>

#include "engine/base/parallel.h"

namespace plainsight {
namespace {

/// Inputs summed at a time: 16 rows of x take 256 KB, which stays in L2 while the rows of W pass.
/// A constant, because the order of a sum is a part of its result.
constexpr std::int64_t kDepthBlock = 4096;

}  // namespace

void dense(View y, ConstView x, ConstView W, ConstView b, bool relu, const KernelTable& table) {
  const std::int64_t rows = x.rows(), depth = x.cols(), outputs = W.rows();
  require(W.cols() == depth && b.size() == outputs, "dense: weights do not fit the input");
  require(y.rows() == rows && y.cols() == outputs, "dense: output must be [N,O]");
  // Threads share the outputs. y = b, then += x Wᵀ for one block of inputs after another, then ReLU.
  parallel_for(outputs, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = 0; n < rows; ++n) std::copy(b.data + begin, b.data + end, y.row(n) + begin);
    for (std::int64_t i = 0; i < depth; i += kDepthBlock)
      table.gemm.dense(y.data + begin, outputs, x.data + i, depth, W.data + begin * depth + i, depth, rows,
                       end - begin, std::min(kDepthBlock, depth - i));
    if (!relu) return;
    for (std::int64_t n = 0; n < rows; ++n)
      table.elementwise.relu(y.row(n) + begin, y.row(n) + begin, end - begin);
  });
}

}  // namespace plainsight
