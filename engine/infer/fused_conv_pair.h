#pragma once

#include <cstdint>

#include "engine/infer/conv_plan.h"

namespace plainsight {

class DirectConv;
class WinogradConv;

/// Two layers computed as one: out = second(first(in)). The second works block by block on rectangles of
/// Winograd tiles. For each block, the same thread first computes the patch of the first layer's results that
/// the block's tiles read, with a halo of one pixel, into its L2 cache. So the activations between the layers
/// never exist in memory as a whole; the price is that the halos are computed twice.
///
/// The results have the same bits as those of one layer after the other.
class FusedConvPair {
 public:
  /// Whether these two can be fused: a direct layer without a pool, then a Winograd layer of the same size
  /// with per-thread blocking, whose tiles cover the image exactly.
  static bool can_fuse(const ConvPlan& first, const ConvPlan& second);

  /// Refers to the plans' weights, so the plans must outlive it; they may be moved. Throws ContractError
  /// unless can_fuse().
  FusedConvPair(const ConvPlan& first, const ConvPlan& second);

  /// Floats that run() needs in `workspace`, for the present number of threads and any number of images.
  std::int64_t workspace_size() const;
  void run(View out, ConstView in, View workspace) const;

 private:
  std::int64_t patch_size() const;
  std::int64_t worker_size() const;

  const DirectConv* first_;
  const WinogradConv* second_;
};

}  // namespace plainsight
