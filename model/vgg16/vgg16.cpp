#include "model/vgg16/vgg16.h"

#include <algorithm>
#include <string>

#include "engine/base/error.h"
#include "engine/infer/dense.h"
#include "engine/infer/layout.h"

namespace plainsight {
namespace {

/// Layers 0..3 (to the second pool) run image by image: the activations of one image, 6 MB at most, stay in
/// the L3 cache. The others run over the whole batch, which shares each reading of their larger weights.
constexpr int kFrontLayers = 4;

constexpr std::int64_t kFlat = 512 * 7 * 7, kHidden = 4096, kClasses = 1000;

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

const std::array<Vgg16::Layer, Vgg16::kConvolutions>& Vgg16::layers() {
  const auto conv = [](std::int64_t in, std::int64_t out, std::int64_t side, bool pool = false) {
    return ConvShape{.in_channels = in,
                     .out_channels = out,
                     .height = side,
                     .width = side,
                     .relu = true,
                     .pool = pool,
                     .planar_input = in == 3};
  };
  static const std::array<Layer, kConvolutions> all = {{
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

Vgg16::Vgg16(const SafetensorsFile& weights, const Vgg16Options& options) : layer_(options.layer) {
  // The classifier first: a wrong file is found before any weight is transformed.
  const Shape linear[3] = {{kHidden, kFlat}, {kHidden, kHidden}, {kClasses, kHidden}};
  const int used = layer_ == FeatureLayer::fc6 ? 1 : layer_ == FeatureLayer::fc7 ? 2 : 3;
  for (int i = 0; i < used; ++i) {
    const std::string name = "classifier." + std::to_string(3 * i);
    const FeatureLayer layer[] = {FeatureLayer::fc6, FeatureLayer::fc7, FeatureLayer::logits};
    classifier_.push_back({name_of(layer[i]), tensor(weights, name + ".weight", linear[i]),
                           tensor(weights, name + ".bias", {linear[i][0]}), i < 2});
  }
  for (const Layer& layer : layers()) {
    const ConvShape& s = layer.shape;
    const std::string name = layer.name;
    ConvOptions conv = options.conv;
    if (s.planar_input) conv = {.algorithm = ConvAlgorithm::direct};
    plans_.emplace_back(s, tensor(weights, name + ".weight", {s.out_channels, s.in_channels, 3, 3}),
                        tensor(weights, name + ".bias", {s.out_channels}), conv);
  }
  if (FusedConvPair::can_fuse(plans_[0], plans_[1])) front_pair_.emplace(plans_[0], plans_[1]);
}

std::int64_t Vgg16::feature_dim() const { return layer_ == FeatureLayer::logits ? kClasses : kHidden; }

void Vgg16::reserve(std::int64_t images) {
  std::int64_t space = front_pair_ ? front_pair_->workspace_size() : 0, front = 0, back = 0;
  for (int i = 0; i < kConvolutions; ++i) {
    const ConvPlan& plan = plans_[i];
    space = std::max(space, plan.workspace_size());
    if (i < kFrontLayers) front = std::max(front, plan.out_shape(1).size());
    if (i >= kFrontLayers) back = std::max(back, plan.out_shape(images).size());
  }
  if (workspace_.size() < space) workspace_ = Tensor::uninitialized({space});
  if (images <= reserved_) return;
  reserved_ = images;
  for (int i = 0; i < 2; ++i) {
    if (front_[i].size() < front) front_[i] = Tensor::uninitialized({front});
    back_[i] = Tensor::uninitialized({back});
    hidden_[i] = Tensor::uninitialized({images, kHidden});
  }
  middle_ = Tensor::uninitialized({plans_[kFrontLayers].in_shape(images).size()});
  flat_ = Tensor::uninitialized({images, kFlat});
}

/// The first two layers fused where that is possible: the activations between them, 13 MB an image, never
/// reach memory. Front layers: image by image, between the two front_ buffers, the last into the image's
/// place in middle_. Back layers: the whole batch, from middle_ through the two back_ buffers. Then to flat_,
/// in PyTorch's order.
void Vgg16::run_convolutions(ConstView images) {
  const std::int64_t count = images.rows();
  const View middle{middle_.data(), plans_[kFrontLayers].in_shape(count)};
  for (std::int64_t n = 0; n < count; ++n) {
    ConstView in = images.slice(n, n + 1);
    if (front_pair_) {
      const View out{front_[1].data(), plans_[1].out_shape(1)};
      front_pair_->run(out, in, workspace_);
      in = out;
    }
    for (std::size_t i = front_pair_ ? 2 : 0; i < kFrontLayers; ++i) {
      const View out =
          i + 1 < kFrontLayers ? View{front_[i % 2].data(), plans_[i].out_shape(1)} : middle.slice(n, n + 1);
      plans_[i].run(out, in, workspace_);
      in = out;
    }
  }
  ConstView in = middle;
  for (std::size_t i = kFrontLayers; i < kConvolutions; ++i) {
    const View out{back_[i % 2].data(), plans_[i].out_shape(count)};
    plans_[i].run(out, in, workspace_);
    in = out;
  }
  from_blocked({flat_.data(), {count, 512, 7, 7}}, in);
}

void Vgg16::run(View out, ConstView images) {
  const std::int64_t count = images.rows();
  require(images.shape == Shape({count, 3, kSide, kSide}), "Vgg16::run: images must be [N,3,224,224]");
  require(out.shape == Shape({count, feature_dim()}), "Vgg16::run: output must be [N,feature_dim()]");
  if (count == 0) return;
  reserve(count);
  run_convolutions(images);
  ConstView x{flat_.data(), {count, kFlat}};
  for (std::size_t i = 0; i < classifier_.size(); ++i) {
    const bool last = i + 1 == classifier_.size();
    const View y = last ? out : View{hidden_[i].data(), {count, kHidden}};
    dense(y, x, classifier_[i].weight, classifier_[i].bias, classifier_[i].relu);
    x = y;
  }
}

}  // namespace plainsight
