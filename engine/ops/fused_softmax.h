#pragma once

#include <cstdint>

#include "engine/base/arena.h"
#include "engine/infer/output_layer.h"
#include "engine/kernels/isa/table.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The work of linear_cross_entropy for a block of rows x[N,H], all with a target t, over a layer
/// z = x Wᵀ + b of V outputs. With a constant c for each row, over blocks of the vocabulary (OutputLayer):
///
///   first pass    e = exp(x W_blockᵀ + b - c)    s += Σ e    A += e W_block
///   second pass   p = f e    dW_block += pᵀ x    db_block += Σ p                  f = w scale / s
///
/// w is the row's weight. Softmax is e / s, so dx = f A - w scale W_t; and the targets' part of dW and db is
/// -w scale x and -w scale.
///
/// c is the target's own logit, as a dot product rounds it: then s = e^loss almost at once. The loss takes
/// the logit that the product gives. A row whose logits exceed c too far for a float starts again with a
/// larger c.
///
/// e is in L2 between its three uses of the first pass, and waits in memory for the second. Writing and
/// reading it (166 MB for 680 rows) costs far less than computing z again would (a third more arithmetic), or
/// than taking so few rows that it stays in cache (W and dW would come from memory for every few).
class FusedSoftmax {
 public:
  /// Memory for at most `capacity` rows; a gradient that is not wanted takes no memory and no time.
  FusedSoftmax(ConstView W, ConstView b, std::int64_t capacity, bool want_dx, bool want_dW, Arena& memory);

  void clear() { count_ = 0; }
  std::int64_t count() const { return count_; }
  bool full() const { return count_ == capacity_; }
  /// Adds row x[row] with its target and the weight of its loss.
  void add(ConstView x, std::int64_t row, std::int32_t target, float weight);

  /// The first pass. Returns the weighted sum of the rows' losses.
  double forward();
  /// After forward(), dx += the gradient of `scale` times that sum: into the rows that add() named.
  void add_dx(View dx, float scale) const;
  /// The second pass; dW or db may be empty.
  void add_dW(View dW, View db, float scale);

 private:
  using Block = OutputLayer::Block;

  /// One thread's memory.
  struct Workspace {
    float* W_columns;  ///< first pass: W_blockᵀ as B, for z = x W_blockᵀ
    float* W_rows;     ///< first pass: W_block as B, for A += e W_block
    float* z;          ///< first pass: z, then e, of a row block
    float* e_packed;   ///< first pass: the same as A, for A += e W_block
    float* dW_block;   ///< second pass: the block's pᵀ x, transposed: [H,kBlockCols]
    float* p_packed;   ///< second pass: p of KC rows as B
    float* p_panel;    ///< second pass: one panel of p in floats, where panels hold int8 slices
  };

  void allocate_rows(ConstView b, Arena& memory);
  void allocate_workspaces(Arena& memory);

  ConstView kept_x() const { return {x_, {count_, H_}}; }
  float* e_panel(std::int64_t row, std::int64_t output) const;

  void prepare();
  void forward_chunk(std::int64_t chunk, const Workspace& w) const;
  void forward_block(std::int64_t chunk, const Workspace& w, const Block& block) const;
  bool raise_shifts();
  void add_dW_block(const Workspace& w, View dW, View db, const Block& block) const;

  const KernelTable& table_;
  const GemmKernels& gemm_;
  ConstView W_;
  const std::int64_t V_, H_, capacity_;
  const bool want_dx_, want_dW_;
  OutputLayer layer_;
  std::int64_t count_ = 0;

  // Of each row, [count]:
  std::int64_t* row_;     // of the x and the dx that the caller has
  std::int32_t* target_;  // t
  float* weight_;         // w
  float* x_;              // [count,H]
  float* shift_;          // c
  float* target_logit_;   // z_t
  double* exp_sum_;       // s over all chunks
  float* factor_;         // f
  float* x_columns_;      // xᵀ as A, for dW_block += pᵀ x (which is computed transposed)

  // Of each chunk and row, [chunks,count]:
  float *chunk_exp_sum_, *chunk_max_;  // s; and the maximum of z - c
  float* chunk_A_;                     // [chunks,count,H]

  float* bias_;  // [V], continued to whole blocks by -infinity: outputs that do not exist have e = 0
  float* e_;     // e for the second pass: panels [count][NR] for every NR outputs
  Workspace* workspaces_;
};

}  // namespace plainsight
