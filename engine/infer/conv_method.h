#pragma once

#include <cstdint>

#include "engine/infer/conv_plan_info.h"

namespace plainsight {

/// One layer computed by one algorithm: DirectConv, Im2colConv or WinogradConv. ConvPlan chooses one, checks
/// shapes and calls it; see there for the contract. Immutable, so threads may share it.
class ConvMethod {
 public:
  virtual ~ConvMethod() = default;
  /// Floats of workspace that run() needs, for the present number of threads and any number of images.
  virtual std::int64_t workspace_size() const = 0;
  virtual void run(float* out, const float* in, std::int64_t images, float* workspace) const = 0;
  /// Fills in everything that the algorithm itself decides: all but `algorithm` and `flops`.
  virtual void describe(ConvPlanInfo& info) const = 0;
};

}  // namespace plainsight
