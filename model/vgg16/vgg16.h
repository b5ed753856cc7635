#pragma once

#include <optional>
#include <vector>

#include "engine/infer/fused_conv_pair.h"
#include "engine/tensor/tensor.h"
#include "model/vgg16/feature_network.h"
#include "model/vgg16/vgg16_layers.h"

namespace plainsight {

struct Vgg16Options {
  FeatureLayer layer = FeatureLayer::fc7;
  ConvOptions conv;
};

/// VGG16 on the tuned engine.
class Vgg16 final : public FeatureNetwork {
 public:
  /// Transforms the convolutions' weights now. Those of the classifier stay in the file's mapping, so
  /// `weights` must outlive this object. Throws Error naming file and tensor when one is missing or of the
  /// wrong shape.
  explicit Vgg16(const SafetensorsFile& weights, const Vgg16Options& options = {});

  std::int64_t feature_dim() const override { return classifier_.back().bias.size(); }
  /// An image's features depend neither on the other images nor on the number of threads. Allocates when N is
  /// larger than ever before.
  void run(View out, ConstView images) override;
  std::vector<NetworkLayer> layers() override;

 private:
  void reserve(std::int64_t images);
  void run_convolutions(ConstView images);

  std::vector<ConvPlan> plans_;
  std::optional<FusedConvPair> front_pair_;  ///< the first two layers, where they can be fused
  std::vector<vgg16::LinearLayer> classifier_;
  std::int64_t reserved_ = 0;
  Tensor workspace_;
  Tensor front_[2], middle_, back_[2];  ///< activations; see run_convolutions
  Tensor flat_, hidden_[2];             ///< [N,25088], [N,4096]
};

}  // namespace plainsight
