#pragma once

#include <vector>

#include "engine/infer/conv_bands.h"
#include "engine/infer/conv_method.h"

namespace plainsight {

/// im2col: the nine shifted copies of a band's pixels are gathered into a matrix, then multiplied with the
/// weights. Sums in the same order as DirectConv, so both give the same bits. For channel-blocked input.
class Im2colConv final : public ConvMethod {
 public:
  Im2colConv(const ConvShape& shape, ConstView weight, ConstView bias, const ConvKernels& kernels);

  std::int64_t workspace_size() const override { return threads() * worker_size(); }
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override { bands_.describe(info); }

 private:
  void gather_taps(float* taps, const float* copy, std::int64_t rows) const;
  void multiply(float* sums, const float* taps, std::int64_t panel, std::int64_t pixels) const;
  void run_band(float* out, std::int64_t out_plane, const float* in, const Patch& band,
                float* workspace) const;
  std::int64_t taps_size() const { return 9 * bands_.planes() * tap_size(); }
  std::int64_t tap_size() const { return bands_.rows() * shape_.width * kChannelBlock; }
  std::int64_t worker_size() const { return bands_.copy_size() + taps_size() + bands_.sums_size(); }

  ConvShape shape_;
  const ConvKernels& kernels_;
  ConvBands bands_;
  std::vector<long> offsets_;  ///< of (channel block, tap) in the gathered matrix
};

}  // namespace plainsight
