#pragma once

#include <vector>

#include "engine/infer/conv_bands.h"
#include "engine/infer/conv_method.h"

namespace plainsight {

/// Direct convolution, the definition: y[k] = sum over channels c and taps (i, j) of
/// x[c, y + i - 1, x + j - 1] w[k, c, i, j]. Each tap reads the shifted pixels in place.
class DirectConv final : public ConvMethod {
 public:
  DirectConv(const ConvShape& shape, ConstView weight, ConstView bias, const ConvKernels& kernels);

  std::int64_t workspace_size() const override { return threads() * patch_workspace_size(); }
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override { bands_.describe(info); }

  /// For FusedConvPair: a layer without a pool, on the calling thread.
  /// out [channel block][patch.rows][patch.columns][16] = the results in `patch` of the image at `in`, and
  /// zeros where the patch reaches beyond the image.
  void run_patch(float* out, const float* in, const Patch& patch, float* workspace) const;
  std::int64_t patch_workspace_size() const { return bands_.copy_size() + bands_.sums_size(); }
  const ConvShape& shape() const { return shape_; }

 private:
  void multiply(float* sums, const float* copy, std::int64_t panel, const Patch& patch) const;
  void run_band(float* out, std::int64_t out_plane, const float* in, const Patch& band,
                float* workspace) const;

  ConvShape shape_;
  const ConvKernels& kernels_;
  ConvBands bands_;
  std::vector<long> offsets_;  ///< of (plane, tap) in a band's copied input
};

}  // namespace plainsight
