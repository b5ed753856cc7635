#pragma once

#include "engine/base/arena.h"
#include "engine/tensor/tensor.h"
#include "model/vgg16/feature_network.h"
#include "model/vgg16/vgg16_layers.h"

namespace plainsight {

/// VGG16 on the plain engine: convolution, ReLU, max-pool and linear layers one after another, as in the
/// paper. Reads the weights where they lie in the file's mapping, so `weights` must outlive this object.
class PlainVgg16 final : public FeatureNetwork {
 public:
  /// Throws Error naming file and tensor when one is missing or of the wrong shape.
  explicit PlainVgg16(const SafetensorsFile& weights, FeatureLayer layer = FeatureLayer::fc7);

  std::int64_t feature_dim() const override { return weights_.feature_dim(); }
  void run(View out, ConstView images) override;
  std::vector<NetworkLayer> layers() override;

 private:
  void convolve(std::size_t layer, View out, ConstView in);

  vgg16::Weights weights_;
  Arena scratch_;
};

}  // namespace plainsight
