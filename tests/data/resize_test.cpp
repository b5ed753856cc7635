#include <doctest/doctest.h>
#include <zlib.h>

#include <cstring>

#include "data/image_normalize.h"
#include "data/image_resize.h"
#include "engine/base/error.h"
#include "engine/tensor/tensor.h"
#include "tests/data/golden.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

/// The image that make_image_goldens.py resizes: byte i is a hash of i.
Image noise(int width, int height) {
  Image image{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3))};
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    auto v = static_cast<std::uint32_t>(i * 2654435761u);
    v ^= v >> 15;
    v *= 2246822519u;
    v ^= v >> 13;
    image.rgb[i] = static_cast<std::uint8_t>(v);
  }
  return image;
}

/// One channel of gray rows as an image.
Image gray(int width, int height, const std::vector<std::uint8_t>& values) {
  Image image{width, height, {}};
  for (const std::uint8_t v : values) image.rgb.insert(image.rgb.end(), 3, v);
  return image;
}

}  // namespace

TEST_CASE("resize equals Pillow's to the bit") {
  std::ifstream in(golden("images/resize.txt"));
  int width = 0, height = 0, to_width = 0, to_height = 0, cases = 0;
  for (std::string expected; in >> width >> height >> to_width >> to_height >> expected; ++cases) {
    CAPTURE(width);
    CAPTURE(height);
    CAPTURE(to_width);
    CAPTURE(to_height);
    const Image image = resize_bilinear(noise(width, height), to_width, to_height);
    CHECK(image.width == to_width);
    CHECK(image.height == to_height);
    char crc[9];
    std::snprintf(crc, sizeof crc, "%08lx", crc32(0, image.rgb.data(), static_cast<uInt>(image.rgb.size())));
    CHECK(std::string(crc) == expected);
  }
  CHECK(cases == 63);
}

TEST_CASE("resize on an image that can be followed with a pencil") {
  const Image image =
      gray(7, 5, {0,   50, 100, 150, 200, 250, 255, 10, 20, 30, 40,  50, 60, 70, 255, 0, 255, 0,
                  255, 0,  255, 1,   2,   3,   4,   5,  6,  7,  128, 64, 32, 16, 8,   4, 2});
  CHECK((resize_bilinear(image, 3, 2).rgb == gray(3, 2, {55, 92, 135, 60, 37, 40}).rgb));
  CHECK((resize_bilinear(image, 4, 4).rgb ==
         gray(4, 4, {23, 86, 159, 204, 70, 74, 84, 99, 62, 57, 58, 64, 73, 26, 8, 4}).rgb));
  const Image larger = resize_bilinear(image, 10, 7);
  const Image first = gray(10, 1, {0, 27, 63, 98, 133, 167, 202, 238, 252, 255});
  const Image last = gray(10, 1, {128, 93, 56, 34, 22, 13, 8, 5, 3, 2});
  CHECK(std::equal(first.rgb.begin(), first.rgb.end(), larger.rgb.begin()));
  CHECK(std::equal(last.rgb.begin(), last.rgb.end(), larger.rgb.end() - 30));
}

TEST_CASE("resize refuses an empty image and one whose size does not fit its pixels") {
  CHECK_THROWS_AS(resize_bilinear(Image{}, 224, 224), ContractError);
  CHECK_THROWS_AS(resize_bilinear(noise(3, 3), 0, 5), ContractError);
  CHECK_THROWS_AS(resize_bilinear(Image{4, 4, std::vector<std::uint8_t>(47)}, 2, 2), ContractError);
}

TEST_CASE(
    "normalize equals torchvision's ToTensor and Normalize to the bit, for each value of each channel") {
  Image ramp{256, 1, {}};
  for (int v = 0; v < 256; ++v) ramp.rgb.insert(ramp.rgb.end(), 3, static_cast<std::uint8_t>(v));
  Tensor chw({3, 1, 256});
  std::fill_n(chw.data(), chw.size(), std::numeric_limits<float>::quiet_NaN());
  normalize(chw, ramp);
  const auto expected = image_golden("normalize.f32");
  REQUIRE(expected.size() == 3 * 256 * sizeof(float));
  CHECK(std::memcmp(chw.data(), expected.data(), expected.size()) == 0);
  CHECK_THROWS_AS(normalize(chw.view().reshaped({3, 256, 1}), ramp), ContractError);
}

TEST_CASE("normalize puts red, green and blue into their planes, rows in order") {
  const Image image{2, 2, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  Tensor chw({3, 2, 2});
  normalize(chw, image);
  const float mean[] = {0.485f, 0.456f, 0.406f}, std[] = {0.229f, 0.224f, 0.225f};
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < 4; ++i)
      CHECK(chw[c * 4 + i] == (static_cast<float>(3 * i + c + 1) / 255.0f - mean[c]) / std[c]);
}
