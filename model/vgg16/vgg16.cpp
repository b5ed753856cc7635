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
constexpr std::size_t kFrontLayers = 4;

/// "winograd F(4,3), per-thread blocks of 36 tiles"
std::string description_of(const ConvPlanInfo& info) {
  return method_name(info) + (info.cooperative ? ", cooperative" : ", per-thread") + " blocks of " +
         std::to_string(info.block) + (info.algorithm == ConvAlgorithm::winograd ? " tiles" : " rows") +
         (info.int8 ? ", products in int8 on AMX" : "");
}

}  // namespace

Vgg16::Vgg16(const SafetensorsFile& weights, const Vgg16Options& options) {
  // All weights first: a wrong file is found before any weight is transformed.
  vgg16::Weights w = vgg16::weights_of(weights, options.layer);
  classifier_ = std::move(w.classifier);
  for (std::size_t i = 0; i < w.convolutions.size(); ++i) {
    const ConvShape& s = vgg16::conv_layers()[i].shape;
    ConvOptions conv = options.conv;
    if (s.planar_input) conv = {.algorithm = ConvAlgorithm::direct};
    plans_.emplace_back(s, w.convolutions[i].weight, w.convolutions[i].bias, conv);
  }
  if (FusedConvPair::can_fuse(plans_[0], plans_[1])) front_pair_.emplace(plans_[0], plans_[1]);
}

void Vgg16::reserve(std::int64_t images) {
  std::int64_t space = front_pair_ ? front_pair_->workspace_size() : 0, front = 0, back = 0;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
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
    hidden_[i] = Tensor::uninitialized({images, vgg16::kHidden});
  }
  middle_ = Tensor::uninitialized({plans_[kFrontLayers].in_shape(images).size()});
  flat_ = Tensor::uninitialized({images, vgg16::kFlat});
}

/// The first two layers fused where that is possible: the activations between them, 13 MB an image, never
/// reach memory. Front layers: image by image, between the two front_ buffers, the last into the image's
/// slice of middle_. Back layers: the whole batch, from middle_ through the two back_ buffers. Then to flat_,
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
  for (std::size_t i = kFrontLayers; i < plans_.size(); ++i) {
    const View out{back_[i % 2].data(), plans_[i].out_shape(count)};
    plans_[i].run(out, in, workspace_);
    in = out;
  }
  from_blocked({flat_.data(), {count, 512, 7, 7}}, in);
}

void Vgg16::run(View out, ConstView images) {
  const std::int64_t count = images.rows();
  require(images.shape == Shape({count, 3, vgg16::kSide, vgg16::kSide}),
          "Vgg16::run: images must be [N,3,224,224]");
  require(out.shape == Shape({count, feature_dim()}), "Vgg16::run: output must be [N,feature_dim()]");
  if (count == 0) return;
  reserve(count);
  run_convolutions(images);
  ConstView x{flat_.data(), {count, vgg16::kFlat}};
  for (std::size_t i = 0; i < classifier_.size(); ++i) {
    const bool last = i + 1 == classifier_.size();
    const View y = last ? out : View{hidden_[i].data(), {count, vgg16::kHidden}};
    dense(y, x, classifier_[i].weight, classifier_[i].bias, classifier_[i].relu);
    x = y;
  }
}

std::vector<NetworkLayer> Vgg16::layers() {
  std::vector<NetworkLayer> all;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const ConvPlan& plan = plans_[i];
    const ConvPlanInfo& info = plan.info();
    all.push_back({.name = vgg16::conv_layers()[i].name,
                   .output = plan.out_shape(1),
                   .method = description_of(info),
                   .flops = static_cast<double>(info.flops),
                   .executed_flops = static_cast<double>(info.product_flops),
                   .weight_bytes = static_cast<double>(info.weight_bytes),
                   .workspace_bytes = 4.0 * static_cast<double>(plan.workspace_size()),
                   .run = [&plan, this](View out, ConstView in) {
                     if (workspace_.size() < plan.workspace_size())
                       workspace_ = Tensor::uninitialized({plan.workspace_size()});
                     plan.run(out, in, workspace_);
                   }});
  }
  for (const vgg16::LinearLayer& layer : classifier_) {
    const bool first = &layer == &classifier_.front();
    const auto size = static_cast<double>(layer.weight.size());
    all.push_back({.name = layer.name,
                   .output = {1, layer.bias.size()},
                   .method = "one product with the file's own weights, threads share the outputs",
                   .flops = 2 * size,
                   .executed_flops = 2 * size,
                   .weight_bytes = 4 * size,
                   .run = [&layer, first](View out, ConstView in) {
                     Tensor flat;  // the first reads the convolutions' blocked layout
                     if (first) {
                       flat = Tensor::uninitialized({1, 512, 7, 7});
                       from_blocked(flat, in);
                       in = flat;
                     }
                     dense(out, in.reshaped({1, in.size()}), layer.weight, layer.bias, layer.relu);
                   }});
  }
  return all;
}

}  // namespace plainsight
