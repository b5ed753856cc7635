#include "model/vgg16/plain_vgg16.h"

#include "engine/plain/conv2d.h"
#include "engine/plain/linear.h"
#include "engine/plain/max_pool2d.h"
#include "engine/plain/relu.h"

namespace plainsight {
namespace {

/// Images that go through the convolutions together. The activations of one image take 13 MB at most.
constexpr std::int64_t kImages = 4;

View in_arena(Arena& arena, const Shape& shape) { return {arena.allocate_array<float>(shape.size()), shape}; }

/// Shape of a layer's output for `count` images.
Shape output_shape(const ConvShape& s, std::int64_t count) {
  const std::int64_t pool = s.pool ? 2 : 1;
  return {count, s.out_channels, s.height / pool, s.width / pool};
}

plain::ConvSizes sizes_of(const ConvShape& s, std::int64_t count) {
  return {.N = count,
          .C = s.in_channels,
          .H = s.height,
          .W = s.width,
          .O = s.out_channels,
          .k = 3,
          .l = 3,
          .stride = 1,
          .padding = 1};
}

/// y = x weightᵀ + bias, then ReLU.
void linear(View y, ConstView x, const vgg16::LinearLayer& layer) {
  plain::linear_forward<float>(plain::matrix(y), plain::matrix(x), plain::matrix(layer.weight),
                               plain::row(layer.bias));
  if (layer.relu) plain::relu_forward<float>(plain::row(y), plain::row(ConstView(y)));
}

}  // namespace

PlainVgg16::PlainVgg16(const SafetensorsFile& weights, FeatureLayer layer)
    : weights_(vgg16::weights_of(weights, layer)) {}

/// out = max_pool(max(0, W * in + b)), the pool where the layer has one.
void PlainVgg16::convolve(std::size_t layer, View out, ConstView in) {
  const ArenaScope scope(scratch_);
  const ConvShape& s = vgg16::conv_layers()[layer].shape;
  const auto& [weight, bias] = weights_.convolutions[layer];
  const std::int64_t count = in.rows();
  const View y = s.pool ? in_arena(scratch_, {count, s.out_channels, s.height, s.width}) : out;
  plain::conv2d_forward<float>(plain::matrix(y), plain::matrix(in), plain::matrix(weight), plain::row(bias),
                               sizes_of(s, count), scratch_);
  plain::relu_forward<float>(plain::row(y), plain::row(ConstView(y)));
  if (!s.pool) return;
  const plain::PoolSizes pool{.H = s.height, .W = s.width, .kernel = 2, .stride = 2};
  const std::int64_t planes = count * s.out_channels;
  plain::max_pool2d_forward<float>(plain::matrix(out.reshaped({planes, pool.OH() * pool.OW()})),
                                   scratch_.allocate_array<std::int32_t>(out.size()),
                                   plain::matrix(ConstView(y).reshaped({planes, s.height * s.width})), pool);
}

void PlainVgg16::run(View out, ConstView images) {
  const std::int64_t count = images.rows();
  require(images.shape == Shape({count, 3, vgg16::kSide, vgg16::kSide}),
          "PlainVgg16::run: images must be [N,3,224,224]");
  require(out.shape == Shape({count, feature_dim()}), "PlainVgg16::run: output must be [N,feature_dim()]");
  if (count == 0) return;
  const ArenaScope scope(scratch_);

  // Convolutions, a few images at a time, between two buffers; the last writes the classifier's input, which
  // is [N,512,7,7] and [N,25088] at once.
  const View flat = in_arena(scratch_, {count, 512, 7, 7});
  const std::int64_t largest = 64 * vgg16::kSide * vgg16::kSide * std::min(count, kImages);
  float* const buffers[2] = {in_arena(scratch_, {largest}).data, in_arena(scratch_, {largest}).data};
  const auto& layers = vgg16::conv_layers();
  for (std::int64_t begin = 0; begin < count; begin += kImages) {
    const std::int64_t end = std::min(begin + kImages, count);
    ConstView in = images.slice(begin, end);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const View y = i + 1 == layers.size()
                         ? flat.slice(begin, end)
                         : View{buffers[i % 2], output_shape(layers[i].shape, end - begin)};
      convolve(i, y, in);
      in = y;
    }
  }

  // The classifier, all images at once: its weights, 494 MB, are read once.
  ConstView x = flat;
  for (const vgg16::LinearLayer& layer : weights_.classifier) {
    const bool last = &layer == &weights_.classifier.back();
    const View y = last ? out : in_arena(scratch_, {count, layer.bias.size()});
    linear(y, x, layer);
    x = y;
  }
}

std::vector<NetworkLayer> PlainVgg16::layers() {
  std::vector<NetworkLayer> all;
  for (std::size_t i = 0; i < weights_.convolutions.size(); ++i) {
    const auto& [name, s] = vgg16::conv_layers()[i];
    const plain::ConvSizes sizes = sizes_of(s, 1);
    const double flops = 2.0 * static_cast<double>(sizes.CK() * s.out_channels * s.height * s.width);
    const std::string method = "im2col of " + std::to_string(sizes.band()) + " rows and BLAS sgemm";
    all.push_back({.name = name,
                   .output = output_shape(s, 1),
                   .method = s.pool ? method + ", then max-pool" : method,
                   .flops = flops,
                   .executed_flops = flops,
                   .weight_bytes = 4.0 * static_cast<double>(weights_.convolutions[i].weight.size()),
                   .workspace_bytes = 4.0 * static_cast<double>(threads() * (sizes.CK() + sizes.O) *
                                                                sizes.band() * sizes.OW()),
                   .run = [this, i](View out, ConstView in) { convolve(i, out, in); }});
  }
  for (const vgg16::LinearLayer& layer : weights_.classifier) {
    const auto size = static_cast<double>(layer.weight.size());
    all.push_back({.name = layer.name,
                   .output = {1, layer.bias.size()},
                   .method = "BLAS sgemm with the file's own weights",
                   .flops = 2 * size,
                   .executed_flops = 2 * size,
                   .weight_bytes = 4 * size,
                   .run = [&layer](View out, ConstView in) {
                     linear(out, in.reshaped({1, in.size()}), layer);
                   }});
  }
  return all;
}

}  // namespace plainsight
