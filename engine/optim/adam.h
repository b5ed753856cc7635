#pragma once

#include <cstdint>
#include <optional>

#include "engine/autograd/parameter.h"
#include "engine/optim/lazy_adam.h"

namespace plainsight {

/// torch.optim.Adam's arguments and defaults.
struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;  ///< added to the gradient (L2), not AdamW's
};

/// Adam, exactly as torch.optim.Adam (not amsgrad), for each parameter p with gradient g at step t = 1, 2,
/// ...:
///   g += weight_decay p
///   m = β1 m + (1-β1) g        v = β2 v + (1-β2) g²
///   p -= lr/(1-β1ᵗ) · m / (√v/√(1-β2ᵗ) + eps)
/// in float32, with what depends on t alone computed once a step in double. m and v are flat buffers with the
/// offsets of the ParameterSet.
class Adam {
 public:
  explicit Adam(ParameterSet& parameters, AdamOptions options = {});

  /// One step with the gradients as they are.
  void step();
  /// One step, and the gradients are zero afterwards: in the same pass over memory.
  void step_and_zero();

  /// Postpones, from now on, the steps of rows of p[V,E] that a batch does not use, to the same bits
  /// (lazy_adam.h): an embedding's step then costs what the batch uses. use_rows() must name, before the
  /// forward pass, every row that is read or gets a gradient; catch_up() comes before anything else reads p,
  /// m or v. Does nothing with weight_decay, where every row moves, and on the plain engine,
  /// whose step is dense.
  /// Call it after m and v have been loaded.
  void make_lazy(const Parameter& p);
  void use_rows(std::span<const std::int32_t> rows);
  void catch_up();

  double lr() const { return options_.lr; }
  void set_lr(double lr) { options_.lr = lr; }

  /// The state that a checkpoint keeps: steps taken so far, m and v.
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }
  View m();
  View v();

 private:
  void update(bool zero_gradients);
  void update_range(std::int64_t begin, std::int64_t end, const AdamFactors& f, bool zero_gradients);

  ParameterSet& parameters_;
  AdamOptions options_;
  Tensor m_, v_;
  std::int64_t steps_ = 0;
  std::optional<LazyAdam> lazy_;
  std::int64_t lazy_begin_ = 0, lazy_end_ = 0;  // its range in the flat buffers
};

}  // namespace plainsight
