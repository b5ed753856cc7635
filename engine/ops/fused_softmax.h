#pragma once

#include <cstdint>

#include "engine/base/arena.h"
#include "engine/kernels/isa/table.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The work of linear_cross_entropy for a block of rows x[N,H], all with a target t, over a layer
/// z = x Wᵀ + b of V outputs.
///
///   first pass    e = exp(x W_blockᵀ + b - c)    s += Σ e    A += e W_block      c: a constant for each row
///   second pass   p = f e    dW_block += pᵀ x    db_block += Σ p                  f = scale / s
///
/// for blocks of the vocabulary, which threads share out; e is in cache between its three uses of the first
/// pass. c is the target's own logit, as another sum rounds it, so that s = e^loss almost at once (the loss
/// takes the logit that the product gives), and a row whose logits exceed it too far for a float starts again
/// with a larger c. Since softmax is e / s:  dx = f A - scale W_t, and the targets' part of dW and db is
/// -scale x and -scale.
///
/// Between the passes e waits in memory. Writing and reading it (166 MB for 680 rows) costs far less than
/// computing z again would (a third more arithmetic), or than taking so few rows that it stays in cache (then
/// W and dW travel for every few).
class FusedSoftmax {
 public:
  /// Takes its memory from `scratch`, for at most `capacity` rows. What is not wanted costs nothing.
  FusedSoftmax(ConstView W, ConstView b, std::int64_t capacity, bool want_dx, bool want_dW, Arena& scratch);

  void clear() { count_ = 0; }
  std::int64_t count() const { return count_; }
  bool full() const { return count_ == capacity_; }
  /// Adds row x[row] with its target.
  void add(ConstView x, std::int64_t row, std::int32_t target);

  /// The first pass. Returns the sum of the rows' losses.
  double forward();
  /// After forward(), dx += the gradient of `scale` times that sum: into the rows that add() named.
  void add_dx(View dx, float scale) const;
  /// The second pass; dW or db may be empty.
  void add_dW(View dW, View db, float scale);

 private:
  struct Chunk;  // one thread's place to work and to sum

  std::int64_t cols(std::int64_t block) const;
  std::int64_t first_block(std::int64_t chunk) const;
  std::int64_t worker(std::int64_t first_chunk) const;
  float* e_block(std::int64_t block) const;
  Chunk chunk(std::int64_t index, std::int64_t workspace) const;

  void prepare();
  void forward_chunk(const Chunk& c, std::int64_t begin, std::int64_t end) const;
  void forward_block(const Chunk& c, std::int64_t block, bool first) const;
  bool raise_constants();
  void add_dW_block(const Chunk& c, View dW, View db, std::int64_t block) const;

  const KernelTable& table_;
  const GemmKernels& g_;
  ConstView W_;
  const std::int64_t V_, H_, blocks_, workers_, together_, capacity_;
  const bool want_dx_, want_dW_;
  std::int64_t count_ = 0, e_at_, workspace_size_;

  std::int64_t* row_;      // [count]
  std::int32_t* target_;   // [count]
  float *x_, *x_panels_;   // [count,H], and packed in blocks of kc
  float *x_columns_, *f_;  // xᵀ, packed in blocks of kc, and [count]
  float* bias_;  // [V], continued to whole blocks by -infinity: outputs that do not exist have e = 0
  float *c_, *target_logit_;  // [count]
  double* sum_;               // [count], s over all chunks
  float *s_, *max_;           // [chunks,count]; max is that of z - c
  float* A_;                  // [chunks][count,H]
  float* e_;                  // panels[count][nr] for every block
  float* workspaces_;
};

}  // namespace plainsight
