#include "engine/kernels/gemm/packed_panels.h"

#include <algorithm>

#include "engine/base/round.h"

namespace plainsight {

std::int64_t PackedPanels::size(const GemmKernels& g, Operand operand, std::int64_t rows,
                                std::int64_t depth) {
  if (operand == Operand::a) return round_up(rows, g.mr) * g.packed_depth(depth) + kPackSlack;
  return round_up(rows, g.nr) * g.packed_depth(depth);
}

PackedPanels::PackedPanels(const GemmKernels& g, Operand operand, std::int64_t rows, std::int64_t depth,
                           float* memory)
    : g_(&g),
      operand_(operand),
      data_(memory),
      rows_(rows),
      depth_(depth),
      block_rows_(operand == Operand::a ? round_up(rows, g.mr) : g.nr),
      b_row_size_(operand == Operand::b ? g.packed_depth(depth) : 0) {}

std::int64_t PackedPanels::block_depth(std::int64_t k) const {
  return std::min<std::int64_t>(g_->kc, depth_ - k);
}

std::int64_t PackedPanels::row_size(std::int64_t k) const {
  return operand_ == Operand::a ? g_->packed_depth(block_depth(k)) : b_row_size_;
}

float* PackedPanels::at(std::int64_t row, std::int64_t k) const {
  return data_ + g_->packed_depth(k) * block_rows_ + (first_row_ + row) * row_size(k);
}

void PackedPanels::pack(StridedOperand source, std::int64_t begin, std::int64_t end) const {
  const auto pack_block = operand_ == Operand::a ? g_->pack_a : g_->pack_b;
  for_each_block(depth_, g_->kc, [&](std::int64_t k, std::int64_t depth) {
    pack_block(at(begin, k), source.at(begin, k), source.row_stride, source.depth_stride, end - begin, depth,
               panel_stride(k));
  });
}

PackedPanels PackedPanels::slice_rows(std::int64_t begin, std::int64_t count) const {
  PackedPanels slice = *this;
  slice.first_row_ += begin;
  slice.rows_ = count;
  return slice;
}

PackedPanels PackedPanels::depth_block(std::int64_t k) const {
  PackedPanels block = *this;
  block.data_ += g_->packed_depth(k) * block_rows_;
  block.depth_ = block_depth(k);
  return block;
}

PackedPanels PackedPanels::padded() const { return slice_rows(0, round_up(rows_, width())); }

void multiply_panels(float* c, std::int64_t ldc, const PackedPanels& A, const PackedPanels& B,
                     Accumulate accumulate) {
  const GemmKernels& g = A.kernels();
  for_each_block(A.depth(), g.kc, [&](std::int64_t k, std::int64_t depth) {
    g.multiply(c, ldc, g.nr, A.at(0, k), B.at(0, k), B.panel_stride(k), A.rows(), B.rows(), depth,
               accumulate == Accumulate::yes || k > 0);
  });
}

}  // namespace plainsight
