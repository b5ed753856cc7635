#include "engine/ops/fused_softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/parallel.h"
#include "engine/base/round.h"

// Memory and the first pass; fused_softmax_gradients.cpp has dx and the second pass.

namespace plainsight {

namespace {

using Operand = PackedPanels::Operand;

constexpr std::int64_t kChunks = OutputLayer::kChunks;
// Both packed forms of W_block take 512 KB of L2 at H = 256, or 386 KB as int8 slices.
constexpr std::int64_t kBlockCols = 256;
// Rows that pass through L2 at a time, each with 1 KB of e, 1 KB of A, and e once more in packed form. On AMX
// larger row blocks amortise quantising W, and L2 has 2 MB.
constexpr std::int64_t kRowBlock = 84, kRowBlockInt8 = 352;
constexpr float kLargestExponent = 60;  // e^60 times any vocabulary is still finite

}  // namespace

FusedSoftmax::FusedSoftmax(ConstView W, ConstView b, std::int64_t capacity, bool want_dx, bool want_dW,
                           Arena& memory)
    : table_(kernels()),
      gemm_(table_.gemm),
      W_(W),
      V_(W.rows()),
      H_(W.cols()),
      capacity_(capacity),
      want_dx_(want_dx),
      want_dW_(want_dW),
      layer_(table_, {capacity, H_, V_, kBlockCols, gemm_.float_panels ? kRowBlock : kRowBlockInt8}, memory) {
  require(kBlockCols <= gemm_.kc, "FusedSoftmax: a block of the vocabulary is a block of the depth");
  allocate_rows(b, memory);
  allocate_workspaces(memory);
}

void FusedSoftmax::allocate_rows(ConstView b, Arena& memory) {
  const auto floats = [&](std::int64_t count) { return memory.allocate_array<float>(count); };
  row_ = memory.allocate_array<std::int64_t>(capacity_);
  target_ = memory.allocate_array<std::int32_t>(capacity_);
  weight_ = floats(capacity_);
  x_ = floats(capacity_ * H_);
  shift_ = floats(capacity_);
  target_logit_ = floats(capacity_);
  exp_sum_ = memory.allocate_array<double>(capacity_);
  factor_ = want_dW_ ? floats(capacity_) : nullptr;
  x_columns_ = want_dW_ ? floats(PackedPanels::size(gemm_, Operand::a, H_, capacity_)) : nullptr;

  chunk_exp_sum_ = floats(kChunks * capacity_);
  chunk_max_ = floats(kChunks * capacity_);
  chunk_A_ = want_dx_ ? floats(kChunks * capacity_ * H_) : nullptr;

  const std::int64_t outputs = layer_.blocks() * kBlockCols;
  bias_ = floats(outputs);
  std::copy_n(b.data, V_, bias_);
  std::fill(bias_ + V_, bias_ + outputs, -std::numeric_limits<float>::infinity());
  e_ = want_dW_ ? floats(capacity_ * outputs) : nullptr;
}

void FusedSoftmax::allocate_workspaces(Arena& memory) {
  const auto floats = [&](std::int64_t count) { return memory.allocate_array<float>(count); };
  const std::int64_t row_block = layer_.sizes().row_block;
  workspaces_ = memory.allocate_array<Workspace>(layer_.workers());
  for (std::int64_t i = 0; i < layer_.workers(); ++i) {
    Workspace& w = workspaces_[i];
    w = {};
    w.W_columns = floats(PackedPanels::size(gemm_, Operand::b, kBlockCols, H_));
    w.z = floats(layer_.z_size());
    if (want_dx_) {
      w.W_rows = floats(PackedPanels::size(gemm_, Operand::b, H_, kBlockCols));
      w.e_packed = floats(PackedPanels::size(gemm_, Operand::a, row_block, kBlockCols));
    }
    if (!want_dW_) continue;
    w.dW_block = floats(H_ * kBlockCols);
    w.p_packed = floats(PackedPanels::size(gemm_, Operand::b, kBlockCols, gemm_.kc));
    w.p_panel = floats(gemm_.kc * gemm_.nr);
  }
}

void FusedSoftmax::add(ConstView x, std::int64_t row, std::int32_t target, float weight) {
  require(!full(), "FusedSoftmax: more rows than it has room for");
  row_[count_] = row;
  target_[count_] = target;
  weight_[count_] = weight;
  std::copy_n(x.row(row), H_, x_ + count_ * H_);
  ++count_;
}

/// The row in the panel of e that begins with this output, a multiple of NR.
float* FusedSoftmax::e_panel(std::int64_t row, std::int64_t output) const {
  return e_ + output * count_ + row * gemm_.nr;
}

/// Packs x and computes the first c of each row: the logit of its target.
void FusedSoftmax::prepare() {
  layer_.set_rows(kept_x());
  parallel_for(count_, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n)
      shift_[n] = table_.cross_entropy.dot(x_ + n * H_, W_.row(target_[n]), H_) + bias_[target_[n]];
  });
}

double FusedSoftmax::forward() {
  prepare();
  do {
    std::fill_n(chunk_exp_sum_, kChunks * count_, 0.0f);
    std::fill_n(chunk_max_, kChunks * count_, -std::numeric_limits<float>::infinity());
    layer_.for_each_chunk(
        [&](std::int64_t chunk, std::int64_t worker) { forward_chunk(chunk, workspaces_[worker]); });
  } while (raise_shifts());
  // loss = Σ w (log s + c - z_t), with s added up over the chunks in their order.
  double loss = 0;
  for (std::int64_t n = 0; n < count_; ++n) {
    exp_sum_[n] = 0;
    for (std::int64_t i = 0; i < kChunks; ++i)
      exp_sum_[n] += static_cast<double>(chunk_exp_sum_[i * count_ + n]);
    const double row_loss =
        std::log(exp_sum_[n]) + (static_cast<double>(shift_[n]) - static_cast<double>(target_logit_[n]));
    loss += static_cast<double>(weight_[n]) * row_loss;
  }
  return loss;
}

void FusedSoftmax::forward_chunk(std::int64_t chunk, const Workspace& w) const {
  if (layer_.is_empty(chunk) && want_dx_) std::fill_n(chunk_A_ + chunk * count_ * H_, count_ * H_, 0.0f);
  layer_.for_each_block_of(chunk, [&](const Block& block) { forward_block(chunk, w, block); });
}

/// e, and the block's part of s and A, for all rows.
void FusedSoftmax::forward_block(std::int64_t chunk, const Workspace& w, const Block& block) const {
  // Pack W_block twice: its depth is H in the first product, and the block's outputs in the second.
  const ConstView W_block = W_.slice(block.first, block.first + block.cols);
  const PackedPanels W_columns(gemm_, Operand::b, block.cols, H_, w.W_columns);
  const PackedPanels W_rows(gemm_, Operand::b, H_, block.cols, w.W_rows);
  W_columns.pack(StridedOperand::rows_of(W_block));
  if (want_dx_) W_rows.pack(StridedOperand::columns_of(W_block));

  layer_.for_each_row_block(W_columns, w.z, [&](std::int64_t row, std::int64_t count) {
    // z = x W_blockᵀ is in w.z. Keep the targets' logits for the loss.
    for (std::int64_t r = row; r < row + count; ++r) {
      const std::int64_t t = target_[r] - block.first;
      if (0 <= t && t < block.cols) target_logit_[r] = w.z[(r - row) * kBlockCols + t] + bias_[target_[r]];
    }
    // e = exp(z + b - c) in place, and s += Σ e; for the second pass a copy of e goes past the caches.
    const std::int64_t sums = chunk * count_ + row;
    table_.cross_entropy.exp_rows(w.z, kBlockCols, ceil_div(block.cols, gemm_.nr), count, bias_ + block.first,
                                  shift_ + row, chunk_exp_sum_ + sums, chunk_max_ + sums,
                                  want_dW_ ? e_panel(row, block.first) : nullptr, count_ * gemm_.nr);
    if (!want_dx_) return;
    // A += e W_block. The first block of a chunk writes A.
    const PackedPanels e(gemm_, Operand::a, count, block.cols, w.e_packed);
    e.pack({w.z, kBlockCols, 1});
    multiply_panels(chunk_A_ + sums * H_, H_, e, W_rows,
                    block.first_of_chunk ? Accumulate::no : Accumulate::yes);
  });
}

/// Raises c of each row where z - c would overflow in exp, to that z; returns whether there was any.
bool FusedSoftmax::raise_shifts() {
  bool any = false;
  for (std::int64_t n = 0; n < count_; ++n) {
    float largest = 0;
    for (std::int64_t i = 0; i < kChunks; ++i) largest = std::max(largest, chunk_max_[i * count_ + n]);
    if (largest > kLargestExponent) {
      shift_[n] += largest;
      any = true;
    }
  }
  return any;
}

}  // namespace plainsight
