#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/pointwise/adam_kernels.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// Postpones Adam's steps for the rows of an embedding that a batch does not use, exactly: a row is brought
/// up to date, with all the steps it missed, when it is next used. Without a gradient a step is
///   m = β1 m    v = β2 v    p -= lr/(1-β1ᵗ) · m / (√v/√(1-β2ᵗ) + eps)
/// so it needs nothing but the row itself and the step's factors, which are kept, and many steps at once stay
/// in registers. A row that never had a gradient has m = v = 0 and does not move. The bits are those of
/// taking every step at once. Holds for weight_decay = 0 only. After the first use nothing is allocated.
class DeferredRows {
 public:
  /// Rows of p[rows,width], and of the gradients and moments at the same places.
  /// A row with m = v = 0 counts as never used.
  DeferredRows(View p, View g, View m, View v);

  /// Brings these rows up to date and lets the next step() move them by their gradients. Ids may repeat.
  void use(std::span<const std::int32_t> rows);
  /// One step of Adam: with their gradients for the rows of use(), postponed for all others.
  void step(const AdamFactors& factors, bool zero_gradients);
  /// Brings every row up to date: before anyone reads p, m or v.
  void catch_up();
  bool up_to_date() const { return history_.empty(); }

 private:
  static constexpr std::int32_t kNever = -1;
  void catch_up(std::int32_t row);

  View p_, g_, m_, v_;
  std::vector<AdamFactors> history_;   // of the steps since all rows were up to date
  std::vector<std::int32_t> applied_;  // per row: how many of history_ it has taken, or kNever
  std::vector<std::int32_t> used_;     // rows of the coming step, each once
  std::vector<std::int64_t> use_of_;   // per row: the number of the use() that named it last
  std::int64_t uses_ = 0;
};

}  // namespace plainsight
