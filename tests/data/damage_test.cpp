#include <doctest/doctest.h>
#include <zlib.h>

#include <random>

#include "engine/base/error.h"
#include "tests/data/golden.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

/// Decodes damaged bytes twice: an image (the same both times) or an Error. Anything else (a crash, a
/// sanitizer's report, another exception) fails the test. Returns whether it was an image.
bool survives(const std::vector<std::uint8_t>& bytes) {
  // Small limits: damage in a size field must not make the test slow.
  const ImageLimits limits{.pixels = 1 << 20, .memory = std::size_t{16} << 20};
  try {
    const Image first = decode(bytes, limits);
    CHECK(first.rgb.size() ==
          static_cast<std::size_t>(first.width) * static_cast<std::size_t>(first.height) * 3);
    CHECK((first.rgb == decode(bytes, limits).rgb));
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Makes the chunks' checksums right again, so that the damage reaches the decoder.
void repair_checksums(std::vector<std::uint8_t>& png) {
  for (std::size_t at = 8; at + 12 <= png.size();) {
    const std::size_t length = std::size_t{png[at]} << 24 | std::size_t{png[at + 1]} << 16 |
                               std::size_t{png[at + 2]} << 8 | png[at + 3];
    if (length > png.size() - at - 12) return;
    const auto crc = crc32(0, &png[at + 4], static_cast<uInt>(length + 4));
    for (std::size_t i = 0; i < 4; ++i)
      png[at + 8 + length + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
    at += length + 12;
  }
}

}  // namespace

TEST_CASE("bit flips give an error or an image, never a crash, and the same image every time") {
  std::mt19937 random(7);
  int images = 0, errors = 0;
  for (const std::string name :
       {"rgb-444.jpg", "rgb-420.jpg", "rgb-progressive.jpg", "cmyk.jpg", "rgb-restarts.jpg", "gray.jpg",
        "rgb-8.png", "palette-4.png", "gray-1-interlaced.png", "rgba-16.png", "palette-8-transparent.png"}) {
    CAPTURE(name);
    const auto whole = image_golden(name);
    for (int round = 0; round < 400; ++round) {
      CAPTURE(round);
      auto bytes = whole;
      const int flips = 1 + static_cast<int>(random() % 4);
      for (int i = 0; i < flips; ++i)
        bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
      if (bytes[0] == 0x89 && round % 2 == 0) repair_checksums(bytes);
      ++(survives(bytes) ? images : errors);
    }
  }
  // Both outcomes are common: the damage reaches the decoder, and it is noticed.
  CHECK(images > 400);
  CHECK(errors > 400);
}

TEST_CASE("a scan cut short but closed by an end marker is refused: no image that is half gray") {
  const auto whole = image_golden("rgb-420.jpg");
  for (std::size_t size = 20; size + 3 < whole.size(); ++size) {
    CAPTURE(size);
    std::vector<std::uint8_t> bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    bytes.push_back(0xFF);
    bytes.push_back(0xD9);
    CHECK(!survives(bytes));
  }
}
