#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/ops/fused_softmax.h"

// dx, which the first pass has nearly made, and the second pass: dW and db.

namespace plainsight {

namespace {

using Operand = PackedPanels::Operand;

constexpr std::int64_t kChunks = OutputLayer::kChunks;

}  // namespace

void FusedSoftmax::add_dx(View dx, float scale) const {
  parallel_for(count_, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      // A over all chunks, in their order.
      float* A = chunk_A_ + n * H_;
      for (std::int64_t i = 1; i < kChunks; ++i) {
        const float* more = chunk_A_ + (i * count_ + n) * H_;
        for (std::int64_t k = 0; k < H_; ++k) A[k] += more[k];
      }
      // dx = f A - w scale W_t
      const float row_scale = weight_[n] * scale;
      const auto f = static_cast<float>(static_cast<double>(row_scale) / exp_sum_[n]);
      const float* w = W_.row(target_[n]);
      float* d = dx.row(row_[n]);
      for (std::int64_t k = 0; k < H_; ++k) d[k] += f * A[k] - row_scale * w[k];
    }
  });
}

void FusedSoftmax::add_dW(View dW, View db, float scale) {
  for (std::int64_t n = 0; n < count_; ++n)
    factor_[n] = static_cast<float>(static_cast<double>(weight_[n] * scale) / exp_sum_[n]);
  // Each block is one thread's alone, so nothing is added up over threads.
  PackedPanels(gemm_, Operand::a, H_, count_, x_columns_).pack(StridedOperand::columns_of(kept_x()));
  layer_.for_each_chunk([&](std::int64_t chunk, std::int64_t worker) {
    layer_.for_each_block_of(chunk,
                             [&](const Block& block) { add_dW_block(workspaces_[worker], dW, db, block); });
  });
  // The targets' part: w (p - 1) instead of w p.
  for (std::int64_t n = 0; n < count_; ++n) {
    const std::int32_t t = target_[n];
    const float row_scale = weight_[n] * scale;
    for (std::int64_t k = 0; dW && k < H_; ++k) dW.row(t)[k] -= row_scale * x_[n * H_ + k];
    if (db) db[t] -= row_scale;
  }
}

/// dW_block += pᵀ x and db_block += Σ p, over KC rows at a time.
void FusedSoftmax::add_dW_block(const Workspace& w, View dW, View db, const Block& block) const {
  const std::int64_t nr = gemm_.nr, row_size = layer_.sizes().block_cols;
  const PackedPanels x_columns(gemm_, Operand::a, H_, count_, x_columns_);
  for_each_block(count_, gemm_.kc, [&](std::int64_t row, std::int64_t depth) {
    // p = f e, from memory. It is formed before it is packed, since e of one row can exceed that of another a
    // million times, and int8 slices with a common scale would lose the smaller one; p is at most `scale`.
    const PackedPanels p(gemm_, Operand::b, block.cols, depth, w.p_packed);
    for_each_block(block.cols, nr, [&](std::int64_t j, std::int64_t cols) {
      float* const panel = gemm_.float_panels ? p.at(j, 0) : w.p_panel;
      table_.cross_entropy.weigh_rows(panel, db ? db.data + block.first + j : nullptr,
                                      e_panel(row, block.first + j), factor_ + row, depth, cols);
      if (dW && !gemm_.float_panels) p.slice_rows(j, nr).pack({panel, 1, nr});
    });
    // (pᵀ x)ᵀ = xᵀ p, since x is packed once for all blocks, and A is what multiply() takes in blocks of MR.
    if (dW)
      multiply_panels(w.dW_block, row_size, x_columns.depth_block(row), p.padded(),
                      row > 0 ? Accumulate::yes : Accumulate::no);
  });
  if (dW) table_.cross_entropy.add_transposed(dW.row(block.first), H_, w.dW_block, row_size, H_, block.cols);
}

}  // namespace plainsight
