#pragma once

#include <array>
#include <optional>
#include <vector>

#include "engine/infer/fused_conv_pair.h"
#include "engine/io/safetensors.h"
#include "engine/tensor/tensor.h"

namespace plainsight {

/// Which layer's values are an image's features.
enum class FeatureLayer {
  fc7,     ///< 4096, after the second hidden layer's ReLU: torchvision's `classifier[:5]`
  fc6,     ///< 4096, after the first hidden layer's ReLU: `classifier[:2]`
  logits,  ///< 1000 class scores, before any softmax
};

const char* name_of(FeatureLayer layer);
/// "fc7", "fc6", "logits"; throws UsageError for anything else.
FeatureLayer feature_layer(const std::string& name);

struct Vgg16Options {
  FeatureLayer layer = FeatureLayer::fc7;
  ConvOptions conv;
};

/// torchvision's vgg16 (configuration D) in eval mode, on 224x224 pictures: for inference only.
class Vgg16 {
 public:
  static constexpr std::int64_t kSide = 224;
  static constexpr int kConvolutions = 13;

  /// One convolution of the network: its torchvision name, and its shape.
  struct Layer {
    const char* name;  ///< "features.0": the state_dict's keys are this + ".weight" and ".bias"
    ConvShape shape;
  };
  static const std::array<Layer, kConvolutions>& layers();

  /// Transforms the convolutions' weights now; those of the classifier stay in the file's mapping, so
  /// `weights` must outlive this object. Throws Error naming file and tensor when one is
  /// missing or of the wrong shape.
  explicit Vgg16(const SafetensorsFile& weights, const Vgg16Options& options = {});

  std::int64_t feature_dim() const;
  /// out [N,feature_dim()] = the features of images [N,3,224,224], normalised as torchvision's.
  /// An image's features depend neither on its companions nor on the threads.
  /// Allocates when N is larger than ever before.
  void run(View out, ConstView images);

  /// y = x weightᵀ + bias; y = max(0, y) after fc6 and fc7.
  struct Linear {
    const char* name;  ///< "fc6", "fc7", "logits"
    ConstView weight, bias;
    bool relu;
  };

  /// The convolutions' plans, in order, and the layers behind them up to the features.
  const std::vector<ConvPlan>& plans() const { return plans_; }
  const std::vector<Linear>& classifier() const { return classifier_; }

 private:
  void reserve(std::int64_t images);
  void run_convolutions(ConstView images);

  FeatureLayer layer_;
  std::vector<ConvPlan> plans_;
  std::optional<FusedConvPair> front_pair_;  ///< the first two layers, where they can be fused
  std::vector<Linear> classifier_;
  std::int64_t reserved_ = 0;
  Tensor workspace_;
  Tensor front_[2], middle_, back_[2];  ///< activations; run_convolutions says which is which
  Tensor flat_, hidden_[2];             ///< [N,25088], [N,4096]
};

}  // namespace plainsight
