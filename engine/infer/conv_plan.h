#pragma once

#include <cstdint>
#include <memory>

#include "engine/infer/conv_plan_info.h"
#include "engine/infer/conv_shape.h"
#include "engine/kernels/isa/table.h"
#include "engine/tensor/view.h"

namespace plainsight {

class ConvMethod;

/// Wishes for a plan.
struct ConvOptions {
  ConvAlgorithm algorithm = ConvAlgorithm::auto_;
  int winograd_tile = 0;  ///< 4 or 6; 0: by rule
};

/// How to compute one convolution: immutable after it is built, safe to share between threads.
/// Owns the transformed weights; `run` allocates nothing.
class ConvPlan {
 public:
  /// @param weight  [K,C,3,3] and `bias` [K], PyTorch's order; read now, not kept.
  /// Throws ContractError when shapes do not fit, or for a planar input with another algorithm than direct.
  ConvPlan(const ConvShape& shape, ConstView weight, ConstView bias, const ConvOptions& options = {},
           const KernelTable& table = kernels());
  ~ConvPlan();
  ConvPlan(ConvPlan&&) noexcept;
  ConvPlan& operator=(ConvPlan&&) noexcept;

  Shape in_shape(std::int64_t images) const { return shape_.in_shape(images); }
  Shape out_shape(std::int64_t images) const { return shape_.out_shape(images); }
  /// Floats that run() needs in `workspace`, for the present number of threads and any number of images.
  std::int64_t workspace_size() const;
  /// out = pool(relu(conv(in) + bias)). An image's result depends neither on the other images of the batch
  /// nor on the number of threads.
  void run(View out, ConstView in, View workspace) const;

  const ConvShape& shape() const { return shape_; }
  const ConvPlanInfo& info() const { return info_; }
  /// The algorithm's own interface, for FusedConvPair and for measurements. Stays where it is when the plan
  /// is moved.
  const ConvMethod& method() const { return *method_; }

 private:
  ConvShape shape_;
  ConvPlanInfo info_;
  std::unique_ptr<const ConvMethod> method_;
};

}  // namespace plainsight
