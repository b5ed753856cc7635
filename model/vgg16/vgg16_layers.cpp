#include "model/vgg16/vgg16_layers.h"

#include "engine/base/error.h"

namespace plainsight {

const char* name_of(FeatureLayer layer) {
  switch (layer) {
    case FeatureLayer::fc7: return "fc7";
    case FeatureLayer::fc6: return "fc6";
    case FeatureLayer::logits: return "logits";
  }
  return "?";
}

FeatureLayer feature_layer(const std::string& name) {
  for (FeatureLayer layer : {FeatureLayer::fc7, FeatureLayer::fc6, FeatureLayer::logits})
    if (name == name_of(layer)) return layer;
  throw UsageError("unknown feature layer", name, "not a layer known here", "Use fc7, fc6 or logits");
}

namespace vgg16 {
namespace {

/// The file's tensor, which must have this shape.
ConstView tensor(const SafetensorsFile& file, const std::string& name, const Shape& shape) {
  const std::string hint =
      "Make the file with `weights-convert vgg16-397923af.pth vgg16.safetensors --expect vgg16`";
  const TensorInfo* info = file.find(name);
  if (info == nullptr)
    throw Error("not the weights of VGG16", file.path().string(), "there is no tensor " + name, hint);
  const std::string found = shape_text(info->shape);
  if (found != shape.str())
    throw Error("not the weights of VGG16", file.path().string(),
                "tensor " + name + " is " + found + ", not " + shape.str(), hint);
  return file.f32(name, shape);
}

}  // namespace

const std::array<ConvLayer, 13>& conv_layers() {
  const auto conv = [](std::int64_t in, std::int64_t out, std::int64_t side, bool pool = false) {
    return ConvShape{.in_channels = in,
                     .out_channels = out,
                     .height = side,
                     .width = side,
                     .relu = true,
                     .pool = pool,
                     .planar_input = in == 3};
  };
  static const std::array<ConvLayer, 13> all = {{
      {"features.0", conv(3, 64, 224)},
      {"features.2", conv(64, 64, 224, true)},
      {"features.5", conv(64, 128, 112)},
      {"features.7", conv(128, 128, 112, true)},
      {"features.10", conv(128, 256, 56)},
      {"features.12", conv(256, 256, 56)},
      {"features.14", conv(256, 256, 56, true)},
      {"features.17", conv(256, 512, 28)},
      {"features.19", conv(512, 512, 28)},
      {"features.21", conv(512, 512, 28, true)},
      {"features.24", conv(512, 512, 14)},
      {"features.26", conv(512, 512, 14)},
      {"features.28", conv(512, 512, 14, true)},
  }};
  return all;
}

Weights weights_of(const SafetensorsFile& file, FeatureLayer layer) {
  Weights w;
  const Shape linear[3] = {{kHidden, kFlat}, {kHidden, kHidden}, {kClasses, kHidden}};
  const FeatureLayer layers[3] = {FeatureLayer::fc6, FeatureLayer::fc7, FeatureLayer::logits};
  for (int i = 0; i < 3; ++i) {
    const std::string name = "classifier." + std::to_string(3 * i);
    w.classifier.push_back({name_of(layers[i]), tensor(file, name + ".weight", linear[i]),
                            tensor(file, name + ".bias", {linear[i][0]}), i < 2});
    if (layers[i] == layer) break;
  }
  for (std::size_t i = 0; i < w.convolutions.size(); ++i) {
    const ConvShape& s = conv_layers()[i].shape;
    const std::string name = conv_layers()[i].name;
    w.convolutions[i] = {tensor(file, name + ".weight", {s.out_channels, s.in_channels, 3, 3}),
                         tensor(file, name + ".bias", {s.out_channels})};
  }
  return w;
}

}  // namespace vgg16
}  // namespace plainsight
