#pragma once

#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "engine/io/safetensors.h"
#include "model/vgg16/vgg16_layers.h"
#include "tests/support/temp_dir.h"

namespace plainsight::test {

/// Writes VGG16's weights, all zero, as a sparse file that takes no space on disk.
inline void put_zero_vgg16(const std::filesystem::path& path) {
  std::uint64_t place = 0;
  std::string json = "{";
  const auto add = [&](const std::string& name, std::vector<std::uint64_t> shape) {
    const std::uint64_t begin = std::exchange(place, place + *byte_size(Dtype::F32, shape));
    json += (json.size() > 1 ? ",\"" : "\"") + name + R"(":{"dtype":"F32","shape":)" + shape_text(shape) +
            ",\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(place) + "]}";
  };
  for (const auto& [name, s] : vgg16::conv_layers()) {
    const auto out = static_cast<std::uint64_t>(s.out_channels);
    add(std::string(name) + ".weight", {out, static_cast<std::uint64_t>(s.in_channels), 3, 3});
    add(std::string(name) + ".bias", {out});
  }
  const std::uint64_t classifier[][2] = {{4096, 25088}, {4096, 4096}, {1000, 4096}};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string name = "classifier." + std::to_string(3 * i);
    add(name + ".weight", {classifier[i][0], classifier[i][1]});
    add(name + ".bias", {classifier[i][0]});
  }
  json += "}";
  while (json.size() % 8 != 0) json += ' ';
  std::string head(8, '\0');
  const std::uint64_t length = json.size();
  std::memcpy(head.data(), &length, 8);
  put(path, head + json);
  std::filesystem::resize_file(path, 8 + length + place);
}

}  // namespace plainsight::test
