#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/infer/conv_shape.h"
#include "engine/io/safetensors.h"

namespace plainsight {

/// The layer whose values are an image's features.
enum class FeatureLayer {
  fc7,     ///< 4096, after the second hidden layer's ReLU: torchvision's `classifier[:5]`
  fc6,     ///< 4096, after the first hidden layer's ReLU: `classifier[:2]`
  logits,  ///< 1000 class scores, before any softmax
};

const char* name_of(FeatureLayer layer);
/// "fc7", "fc6", "logits"; throws UsageError for anything else.
FeatureLayer feature_layer(const std::string& name);

/// torchvision's vgg16 (configuration D) on images of 224 x 224 pixels.
namespace vgg16 {

inline constexpr std::int64_t kSide = 224;
inline constexpr std::int64_t kFlat = 512 * 7 * 7;  ///< inputs of the classifier
inline constexpr std::int64_t kHidden = 4096, kClasses = 1000;

/// A 3x3 convolution with its ReLU, and the max-pool where one follows.
struct ConvLayer {
  const char* name;  ///< "features.0": the state_dict's keys are this + ".weight" and ".bias"
  ConvShape shape;
};
const std::array<ConvLayer, 13>& conv_layers();

/// y = x weightᵀ + bias, with y = max(0, y) where `relu`.
struct LinearLayer {
  const char* name;  ///< "fc6", "fc7", "logits"
  ConstView weight, bias;
  bool relu;
};

/// Views of the weights in a mapped file, which must outlive them.
struct Weights {
  struct Convolution {
    ConstView weight, bias;  ///< [K,C,3,3], [K]
  };
  std::array<Convolution, 13> convolutions;
  std::vector<LinearLayer> classifier;  ///< up to the layer of the features

  std::int64_t feature_dim() const { return classifier.back().bias.size(); }
};

/// Throws Error naming file and tensor when one is missing or of the wrong shape.
Weights weights_of(const SafetensorsFile& file, FeatureLayer layer);

}  // namespace vgg16
}  // namespace plainsight
