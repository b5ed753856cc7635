#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "engine/base/error.h"
#include "tests/image/golden.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

std::vector<std::string> pictures_of(const std::string& extension) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(golden("images"))) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == extension && name.rfind("bad-", 0) != 0) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TEST_CASE("PNG pixels are Pillow's to the bit, for every colour type and depth") {
  const auto names = pictures_of(".png");
  CHECK(names.size() == 27);
  for (const auto& name : names) {
    CAPTURE(name);
    const Image image = decode_image(golden("images/" + name));
    CHECK(image.width == 37);
    CHECK(image.height == 23);
    CHECK((image.rgb == image_golden(name + ".rgb")));
  }
}

TEST_CASE(
    "JPEG pixels are Pillow's but for rounding in the inverse transform, the upsampling and the colours") {
  const auto names = pictures_of(".jpg");
  CHECK(names.size() == 10);
  for (const auto& name : names) {
    CAPTURE(name);
    const Image image = decode_image(golden("images/" + name));
    const auto expected = image_golden(name + ".rgb");
    REQUIRE(image.rgb.size() == expected.size());
    int worst = 0;
    double sum = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const int difference = std::abs(image.rgb[i] - expected[i]);
      worst = std::max(worst, difference);
      sum += difference;
    }
    CHECK(worst <= 4);
    CHECK(sum / static_cast<double>(expected.size()) <= 0.5);
  }
}

TEST_CASE(
    "what is no picture, damaged, or claims too much is refused in one line that names file and reason") {
  const auto reason = [](const std::string& name) {
    const std::string text = error_of([&] { decode_image(golden("images/" + name)); });
    CHECK(text.find(name) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    return text;
  };
  CHECK(reason("bad-text.jpg").find("neither JPEG nor PNG") != std::string::npos);
  CHECK(reason("bad-empty.png").find("the file is empty") != std::string::npos);
  CHECK(reason("bad-claims-60000.png").find("60000x60000") != std::string::npos);
  CHECK(reason("bad-claims-pixels.png").find("16000x16000") != std::string::npos);
  CHECK(reason("bad-zero-width.png").find("claims 0x4 pixels") != std::string::npos);
  CHECK(reason("bad-too-little-data.png").find("not enough pixels") != std::string::npos);
  CHECK(reason("bad-checksum.png").find("does not match its checksum at byte") != std::string::npos);
  CHECK(reason("bad-critical-chunk.png").find("unknown critical PNG chunk") != std::string::npos);
  CHECK(error_of([] { decode_image(std::filesystem::path("/nowhere/dog.jpg")); }).find("/nowhere/dog.jpg") !=
        std::string::npos);
}

TEST_CASE("limits hold: bytes of the file, side, pixels, memory of the decoder") {
  const auto picture = image_golden("rgb-8.png");
  CHECK_NOTHROW(decode(picture));
  CHECK(error_of([&] { decode(picture, {.file_bytes = 100}); }).find("limit of 100") != std::string::npos);
  CHECK(error_of([&] { decode(picture, {.side = 36}); }).find("37x23") != std::string::npos);
  CHECK(error_of([&] { decode(picture, {.pixels = 37 * 23 - 1}); }).find("37x23") != std::string::npos);
  CHECK(error_of([&] { decode(picture, {.memory = 4000}); }).find("more memory than the limit") !=
        std::string::npos);
  // 24 KB that inflate to 24 MB: refused on the way, where 8 MB are granted.
  const auto bomb = image_golden("bad-bomb.png");
  CHECK(error_of([&] {
          decode(bomb, {.memory = std::size_t{8} << 20});
        }).find("more memory than the limit") != std::string::npos);
}

TEST_CASE("a picture that ends early is refused wherever it ends") {
  for (const std::string name :
       {"rgb-420.jpg", "rgb-progressive.jpg", "gray.jpg", "rgb-8.png", "palette-8.png"}) {
    CAPTURE(name);
    const auto whole = image_golden(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      const std::vector<std::uint8_t> part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK_THROWS_AS(decode(part), Error);
    }
  }
}

TEST_CASE("JPEG frames that the decoder does not know, and a second frame, are refused by name") {
  const auto whole = image_golden("gray.jpg");
  const std::uint8_t marker[] = {0xFF, 0xC0};
  const auto frame = std::search(whole.begin(), whole.end(), std::begin(marker), std::end(marker));
  REQUIRE(frame != whole.end());
  const auto at = frame - whole.begin();
  auto arithmetic = whole, deep = whole, two = whole;
  arithmetic[static_cast<std::size_t>(at) + 1] = 0xC9;
  CHECK(error_of([&] { decode(arithmetic); }).find("no baseline or progressive JPEG frame") !=
        std::string::npos);
  deep[static_cast<std::size_t>(at) + 4] = 12;
  CHECK(error_of([&] { decode(deep); }).find("12-bit JPEG is not supported") != std::string::npos);
  // Limits would be held against the second one's size, pixels made by the first one's.
  two.insert(two.begin() + at, frame, frame + 13);
  CHECK(error_of([&] { decode(two); }).find("a second frame") != std::string::npos);
}

TEST_CASE("a JPEG code table of more than 256 codes is refused before the decoder sees it") {
  auto bytes = image_golden("gray.jpg");
  const std::uint8_t marker[] = {0xFF, 0xC4};
  const auto table = std::search(bytes.begin(), bytes.end(), std::begin(marker), std::end(marker));
  REQUIRE(table != bytes.end());
  const auto position = static_cast<std::size_t>(table - bytes.begin());
  // The longest segment, whose table has 16 * 255 codes.
  std::vector<std::uint8_t> segment = {0xFF, 0xC4, 0xFF, 0xFF, 0x10};
  segment.insert(segment.end(), 16, 255);
  segment.resize(2 + 0xFFFF, 0);
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(position), segment.begin(), segment.end());
  CHECK(error_of([&] { decode(bytes); }).find("4080 codes of at most 256") != std::string::npos);
}
