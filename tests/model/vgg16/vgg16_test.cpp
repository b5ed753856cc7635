// The network's wiring, by the pencil: weights of zero but for a few, so that each layer does one known step.
// That it equals torchvision with trained weights is tests/reference/check_vgg16.py's to show.

#include "model/vgg16/vgg16.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "engine/base/error.h"
#include "engine/base/random.h"
#include "model/vgg16/make_vgg16.h"
#include "model/vgg16/plain_vgg16.h"
#include "model/vgg16/write_random_vgg16.h"
#include "tests/support/engine_scope.h"
#include "tests/support/vgg16_file.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

/// Writes single numbers over a safetensors file's tensors.
class Pencil {
 public:
  explicit Pencil(const std::filesystem::path& path)
      : file_(path), stream_(path, std::ios::in | std::ios::out) {
    stream_.read(reinterpret_cast<char*>(&header_), sizeof header_);
  }
  void set(const std::string& tensor, std::int64_t at, float value) {
    const std::uint64_t place = sizeof header_ + header_ + file_.find(tensor)->begin;
    stream_.seekp(static_cast<std::streamoff>(place + static_cast<std::uint64_t>(at) * sizeof value));
    stream_.write(reinterpret_cast<const char*>(&value), sizeof value);
  }

 private:
  SafetensorsFile file_;
  std::fstream stream_;
  std::uint64_t header_ = 0;
};

/// Layer k's step of the one value that is followed. Steps of neighbours do not commute.
float step(std::size_t k, float x) { return (k % 2 == 0 ? 1.0f : 2.0f) * x + static_cast<float>(k + 1); }

/// The last channel of every convolution is step(k, last channel of its input). Channel 0 is -5, which ReLU
/// makes 0, and which each next layer would add to its last channel.
void draw_convolutions(Pencil& pencil) {
  for (std::size_t k = 0; k < vgg16::conv_layers().size(); ++k) {
    const auto& [name, s] = vgg16::conv_layers()[k];
    const std::string weight = std::string(name) + ".weight", bias = std::string(name) + ".bias";
    constexpr std::int64_t kCentre = 4;
    const auto at = [&, in = s.in_channels](std::int64_t o, std::int64_t i) {
      return (o * in + i) * 9 + kCentre;
    };
    const std::int64_t last = s.out_channels - 1;
    pencil.set(weight, at(last, s.in_channels - 1), step(k, 1) - step(k, 0));
    pencil.set(bias, last, step(k, 0));
    if (k > 0) pencil.set(weight, at(last, 0), 1);
    pencil.set(bias, 0, -5);
  }
}

/// Image n is 0 but for a pixel of its last channel in each of three corners: of value 3+n, 5+n and 7+n.
/// Each lies elsewhere in its block of 32x32, which the five pools make one number.
Tensor marked_images(std::int64_t count) {
  Tensor images({count, 3, vgg16::kSide, vgg16::kSide});
  for (std::int64_t n = 0; n < count; ++n) {
    const auto pixel = [&](std::int64_t y, std::int64_t x) -> float& {
      return images.view().row(n)[(2 * vgg16::kSide + y) * vgg16::kSide + x];
    };
    pixel(17, 6) = static_cast<float>(3 + n);
    pixel(31, 223) = static_cast<float>(5 + n);
    pixel(192, 0) = static_cast<float>(7 + n);
  }
  return images;
}

/// The result of the convolutions for one pixel.
float followed(float x) {
  for (std::size_t k = 0; k < vgg16::conv_layers().size(); ++k) x = step(k, x);
  return x;
}

/// Weights with which check_drawn() knows all features of marked_images().
std::filesystem::path drawn_weights(const TempDir& dir) {
  const auto path = dir / "vgg16.safetensors";
  put_zero_vgg16(path);
  Pencil pencil(path);
  draw_convolutions(pencil);
  constexpr std::int64_t kFlat = vgg16::kFlat, kHidden = vgg16::kHidden;
  // PyTorch flattens [512,7,7] channel by channel: the last channel's corners.
  const std::int64_t corners[] = {511 * 49, 511 * 49 + 6, 511 * 49 + 42};
  for (std::int64_t unit = 0; unit < 3; ++unit)
    pencil.set("classifier.0.weight", unit * kFlat + corners[unit], 1);
  pencil.set("classifier.0.bias", 3, -2);
  pencil.set("classifier.3.weight", 0, 1);            // unit 0: upper left
  pencil.set("classifier.3.weight", kHidden + 1, 1);  // unit 1: upper right + 1
  pencil.set("classifier.3.bias", 1, 1);
  pencil.set("classifier.3.weight", 2 * kHidden + 2, 1);  // unit 2: lower left + fc6's unit 3, which is 0
  pencil.set("classifier.3.weight", 2 * kHidden + 3, 1);
  pencil.set("classifier.3.bias", 4, -2);
  pencil.set("classifier.6.weight", 0, -1);                 // class 0: -(upper left)
  pencil.set("classifier.6.weight", 999 * kHidden + 1, 2);  // class 999: 2 (upper right + 1) + fc7's unit 4
  pencil.set("classifier.6.weight", 999 * kHidden + 4, 1);
  return path;
}

/// The features of image n.
void check_drawn(const float* fc6, const float* fc7, const float* logits, float n) {
  const auto near = [](float x) { return doctest::Approx(static_cast<double>(x)).epsilon(1e-5); };
  const float left = followed(3 + n), right = followed(5 + n), lower = followed(7 + n);
  CHECK(static_cast<double>(fc6[0]) == near(left));
  CHECK(static_cast<double>(fc6[1]) == near(right));
  CHECK(static_cast<double>(fc6[2]) == near(lower));
  CHECK(fc6[3] == 0);
  CHECK(static_cast<double>(fc7[0]) == near(left));
  CHECK(static_cast<double>(fc7[1]) == near(right + 1));
  CHECK(static_cast<double>(fc7[2]) == near(lower));
  CHECK(fc7[4] == 0);
  CHECK(static_cast<double>(logits[0]) == near(-left));
  CHECK(static_cast<double>(logits[999]) == near(2 * (right + 1)));
}

}  // namespace

TEST_CASE("feature layers by name") {
  for (const FeatureLayer layer : {FeatureLayer::fc7, FeatureLayer::fc6, FeatureLayer::logits})
    CHECK(feature_layer(name_of(layer)) == layer);
  CHECK_THROWS_WITH(feature_layer("fc8"), doctest::Contains("Use fc7, fc6 or logits"));
}

TEST_CASE("VGG16's layers follow each other as torchvision's do, and ReLU comes after all but the last") {
  const TempDir dir;
  const SafetensorsFile weights(drawn_weights(dir));
  for (const Engine engine : {Engine::tuned, Engine::plain}) {
    const EngineScope scope(engine);
    CAPTURE(name_of(engine));
    const auto network = [&](FeatureLayer layer) {
      return make_vgg16(weights, {.layer = layer, .conv = {}});
    };
    const auto fc6 = network(FeatureLayer::fc6), fc7 = network(FeatureLayer::fc7),
               logits = network(FeatureLayer::logits);
    CHECK(fc6->feature_dim() == 4096);
    CHECK(fc7->feature_dim() == 4096);
    CHECK(logits->feature_dim() == 1000);
    for (const std::int64_t count : {1, 3}) {  // the second is larger than what was reserved
      const Tensor images = marked_images(count);
      Tensor a({count, 4096}), b({count, 4096}), c({count, 1000});
      fc6->run(a, images);
      fc7->run(b, images);
      logits->run(c, images);
      for (std::int64_t n = 0; n < count; ++n) {
        CAPTURE(n);
        check_drawn(a.view().row(n), b.view().row(n), c.view().row(n), static_cast<float>(n));
      }
    }
  }
}

TEST_CASE("layers one by one compute what the network does, and say how") {
  const TempDir dir;
  const SafetensorsFile weights(drawn_weights(dir));
  const Tensor images =
      marked_images(5);  // more than the plain network takes through its convolutions at once
  for (const Engine engine : {Engine::tuned, Engine::plain}) {
    const EngineScope scope(engine);
    CAPTURE(name_of(engine));
    const auto network = make_vgg16(weights);
    Tensor features({5, 4096});
    network->run(features, images);
    const std::vector<NetworkLayer> layers = network->layers();
    REQUIRE(layers.size() == 15);
    CHECK(layers[1].method.find(engine == Engine::plain ? "im2col" : "winograd") != std::string::npos);
    Tensor x({1, 3, vgg16::kSide, vgg16::kSide});
    std::copy_n(images.view().row(4), x.size(), x.data());
    for (const NetworkLayer& layer : layers) {
      Tensor y(layer.output);
      layer.run(y, x);
      CHECK(layer.flops > 0);
      x = std::move(y);
    }
    for (std::int64_t i = 0; i < 4096; ++i)
      if (x[i] != features.view().row(4)[i])
        CHECK(static_cast<double>(x[i]) == doctest::Approx(static_cast<double>(features.view().row(4)[i])));
  }
}

TEST_CASE("both engines give the same features of random weights") {
  const TempDir dir;
  const auto path = dir / "random.safetensors";
  write_random_vgg16(path, 5);
  const SafetensorsFile weights(path);
  constexpr std::int64_t kImages = 2;
  Tensor images({kImages, 3, vgg16::kSide, vgg16::kSide}), tuned({kImages, 4096}), plain({kImages, 4096});
  TorchGenerator(1).normal(std::span(images.data(), images.size()), 0, 1);
  Vgg16(weights).run(tuned, images);
  PlainVgg16(weights).run(plain, images);
  for (std::int64_t n = 0; n < kImages; ++n) {
    float largest = 0, difference = 0;
    int zeros = 0;
    for (std::int64_t i = 0; i < 4096; ++i) {
      const float a = tuned.view().row(n)[i], b = plain.view().row(n)[i];
      largest = std::max(largest, b);
      difference = std::max(difference, std::abs(a - b));
      zeros += b == 0;
    }
    CHECK(zeros < 3000);
    CHECK(difference <= 1e-5f * largest);
  }
}

TEST_CASE("the plain engine refuses convolution algorithms that it does not have") {
  const TempDir dir;
  const auto path = dir / "vgg16.safetensors";
  put_zero_vgg16(path);
  const SafetensorsFile weights(path);
  const EngineScope scope(Engine::plain);
  for (const ConvAlgorithm algorithm : {ConvAlgorithm::auto_, ConvAlgorithm::im2col})
    CHECK_NOTHROW(make_vgg16(weights, {.conv = {.algorithm = algorithm}}));
  for (const ConvAlgorithm algorithm : {ConvAlgorithm::winograd, ConvAlgorithm::direct})
    CHECK_THROWS_WITH_AS(make_vgg16(weights, {.conv = {.algorithm = algorithm}}),
                         doctest::Contains("computes every convolution by im2col"), UsageError);
}
