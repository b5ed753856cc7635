#include "model/vgg16/write_random_vgg16.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "engine/base/round.h"
#include "engine/io/safetensors_writer.h"
#include "engine/tensor/tensor.h"
#include "model/vgg16/vgg16_layers.h"

namespace plainsight {
namespace {

/// Values drawn before they are written: 16 MB at a time.
constexpr std::int64_t kChunk = 4 << 20;
/// Each block of this many values has a separate random stream, so that threads can draw at the same time.
constexpr std::int64_t kStream = 1 << 14;

struct RandomTensor {
  std::string name;
  std::vector<std::uint64_t> shape;
  float deviation;  ///< 0: zeros
};

std::vector<RandomTensor> vgg16_tensors() {
  std::vector<RandomTensor> all;
  for (const vgg16::ConvLayer& layer : vgg16::conv_layers()) {
    const auto in = static_cast<std::uint64_t>(layer.shape.in_channels);
    const auto out = static_cast<std::uint64_t>(layer.shape.out_channels);
    const auto deviation = static_cast<float>(std::sqrt(2.0 / (9.0 * static_cast<double>(in))));
    all.push_back({std::string(layer.name) + ".weight", {out, in, 3, 3}, deviation});
    all.push_back({std::string(layer.name) + ".bias", {out}, 0});
  }
  const std::uint64_t sizes[4] = {25088, 4096, 4096, 1000};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string name = "classifier." + std::to_string(3 * i);
    all.push_back({name + ".weight",
                   {sizes[i + 1], sizes[i]},
                   static_cast<float>(std::sqrt(2.0 / static_cast<double>(sizes[i])))});
    all.push_back({name + ".bias", {sizes[i + 1]}, 0});
  }
  return all;
}

/// Elements [first, first + values.size()) of tensor `index`; `first` is a multiple of kStream.
void draw(std::span<float> values, float deviation, std::uint64_t seed, std::uint64_t index,
          std::int64_t first) {
  const auto size = static_cast<std::int64_t>(values.size());
  parallel_for(ceil_div(size, kStream), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t s = begin; s < end; ++s) {
      TorchGenerator generator(derive_seed(seed, index, static_cast<std::uint64_t>(first / kStream + s)));
      const std::int64_t at = s * kStream, count = std::min(kStream, size - at);
      generator.normal(values.subspan(static_cast<std::size_t>(at), static_cast<std::size_t>(count)), 0,
                       deviation);
    }
  });
}

}  // namespace

void write_random_vgg16(const std::filesystem::path& path, std::uint64_t seed) {
  const std::vector<RandomTensor> tensors = vgg16_tensors();
  std::vector<TensorInfo> infos;
  for (const RandomTensor& t : tensors)
    infos.push_back({.name = t.name, .dtype = Dtype::F32, .shape = t.shape});
  SafetensorsWriter writer(path, infos, {{"weights", "random, seed " + std::to_string(seed)}});
  Tensor chunk({kChunk});
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    std::int64_t size = 1;
    for (std::uint64_t n : tensors[i].shape) size *= static_cast<std::int64_t>(n);
    for (std::int64_t first = 0; first < size; first += kChunk) {
      const View values = View{chunk.data(), {std::min(kChunk, size - first)}};
      if (tensors[i].deviation > 0)
        draw({values.data, static_cast<std::size_t>(values.size())}, tensors[i].deviation, seed, i, first);
      else
        std::fill_n(values.data, values.size(), 0.0f);
      writer.append(values);
    }
  }
  writer.commit();
}

}  // namespace plainsight
