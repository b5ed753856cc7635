#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/pointwise/adam_kernels.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// Adam for an embedding of which a batch uses few rows, exact to the bit: a row without a gradient skips its
/// steps, and takes all skipped steps at once when it is next used. Without a gradient a step is
///   m = β1 m    v = β2 v    p -= lr/(1-β1ᵗ) · m / (√v/√(1-β2ᵗ) + eps)
/// so catching up needs only the row and the factors of the skipped steps, which are kept; many steps on one
/// row stay in registers. A row that never had a gradient has m = v = 0 and does not move. (PyTorch's
/// SparseAdam is not this: it never takes the skipped steps.) Requires weight_decay = 0. Allocates nothing
/// after construction.
class LazyAdam {
 public:
  /// p[rows,width] with its gradients and moments in the same shape. A row with m = v = 0 counts as
  /// never used.
  LazyAdam(View p, View g, View m, View v);

  /// Brings `rows` up to date; the next step() applies their gradients. Row indices may repeat.
  void use(std::span<const std::int32_t> rows);
  /// One step of Adam on the rows of use(); all other rows skip it.
  void step(const AdamFactors& factors, bool zero_gradients);
  /// Brings every row up to date. Required before anyone else reads p, m or v.
  void catch_up();
  bool up_to_date() const { return history_.empty(); }

 private:
  static constexpr std::int32_t kNever = -1;
  void catch_up(std::int32_t row);

  View p_, g_, m_, v_;
  std::vector<AdamFactors> history_;    // factors of every step since all rows were up to date
  std::vector<std::int32_t> applied_;   // per row: how many steps of history_ it has taken, or kNever
  std::vector<std::int32_t> used_;      // rows of the coming step, each once
  std::vector<std::int64_t> last_use_;  // per row: index of the last use() that named it
  std::int64_t uses_ = 0;               // calls of use() so far
};

}  // namespace plainsight
