#pragma once

#include "engine/infer/conv_method.h"
#include "engine/infer/winograd_steps.h"

namespace plainsight {

/// Winograd's convolution: cuts a batch into blocks of tiles and takes each through the three steps of
/// WinogradSteps, with the blocking that WinogradBlocking chooses.
class WinogradConv final : public ConvMethod {
 public:
  /// @param tile  4 or 6: only tiles of that side; 0: both, as few multiplications as possible.
  WinogradConv(const ConvShape& shape, ConstView weight, ConstView bias, int tile,
               const ConvKernels& kernels);

  std::int64_t workspace_size() const override;
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override;

  /// For measurements: the products of run() alone, on the workspace as it is.
  void run_products(std::int64_t images, float* workspace) const;

  /// For FusedConvPair: all three steps for one block, on the calling thread; needs per-thread blocking.
  void run_thread_block(const Pixels<float>& out, const Pixels<const float>& in, const WinogradBlock& block,
                        float* workspace) const;
  std::int64_t block_size() const { return steps_.v_size() + steps_.m_size(); }  ///< floats of V and M
  /// `out` as the output of the layer.
  Pixels<float> output(float* out) const;
  const ConvShape& shape() const { return shape_; }
  const WinogradTiling& tiling() const { return tiling_; }
  const WinogradBlocking& blocking() const { return blocking_; }

 private:
  template <class F>
  void for_each_block(std::int64_t images, float* workspace, F&& f) const;
  void multiply_panel(float* m, const float* v, const WinogradBlock& block, std::int64_t panel) const;
  void multiply_cooperative(float* v, const WinogradBlock& block) const;
  void run_cooperative_block(const Pixels<float>& out, const Pixels<const float>& in,
                             const WinogradBlock& block, float* workspace) const;

  ConvShape shape_;
  const ConvKernels& kernels_;
  WinogradTiling tiling_;
  WinogradBlocking blocking_;
  WinogradSteps steps_;
};

}  // namespace plainsight
