#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>

#include "engine/base/error.h"
#include "tests/data/golden.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

std::vector<std::string> images_of(const std::string& extension) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(golden("images"))) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == extension && name.rfind("bad-", 0) != 0) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The position of the first JPEG marker FF `code` at or after `from`.
std::size_t find_marker(const std::vector<std::uint8_t>& jpeg, std::uint8_t code, std::size_t from = 0) {
  const std::uint8_t marker[] = {0xFF, code};
  const auto found = std::search(jpeg.begin() + static_cast<std::ptrdiff_t>(from), jpeg.end(),
                                 std::begin(marker), std::end(marker));
  REQUIRE(found != jpeg.end());
  return static_cast<std::size_t>(found - jpeg.begin());
}

}  // namespace

TEST_CASE("PNG pixels are Pillow's to the bit, for every colour type and depth") {
  const auto names = images_of(".png");
  CHECK(names.size() == 27);
  for (const auto& name : names) {
    CAPTURE(name);
    const Image image = decode_image(golden("images/" + name));
    CHECK(image.width == 37);
    CHECK(image.height == 23);
    CHECK((image.rgb == image_golden(name + ".rgb")));
  }
}

TEST_CASE("JPEG pixels are Pillow's to the bit, for every sampling, colour space and order of the scans") {
  const auto names = images_of(".jpg");
  CHECK(names.size() == 18);
  for (const auto& name : names) {
    CAPTURE(name);
    const Image image = decode_image(golden("images/" + name));
    CHECK(image.rgb.size() ==
          static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
    CHECK((image.rgb == image_golden(name + ".rgb")));
  }
}

TEST_CASE("what is no image, damaged, or claims too much is refused in one line that names file and reason") {
  const auto reason = [](const std::string& name) {
    const std::string text = error_of([&] { decode_image(golden("images/" + name)); });
    CHECK(text.find(name) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    return text;
  };
  CHECK(reason("bad-text.jpg").find("neither JPEG nor PNG. Convert it to JPEG") != std::string::npos);
  CHECK(reason("bad-empty.png").find("the file is empty. Copy it") != std::string::npos);
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
  const auto image = image_golden("rgb-8.png");
  CHECK_NOTHROW(decode(image, {.file_bytes = image.size(), .side = 37, .pixels = 37 * 23}));
  CHECK(error_of([&] { decode(image, {.file_bytes = 100}); }).find("limit of 100") != std::string::npos);
  CHECK(error_of([&] { decode(image, {.side = 36}); }).find("37x23") != std::string::npos);
  CHECK(error_of([&] { decode(image, {.pixels = 37 * 23 - 1}); }).find("37x23") != std::string::npos);
  CHECK(error_of([&] { decode(image, {.memory = 4000}); }).find("more memory than the limit") !=
        std::string::npos);
  // In addition to the result, a progressive JPEG needs its coefficients, 2 bytes a pixel, and tables and
  // rows of libjpeg, fewer than 40'000 bytes for an image as narrow as this.
  const auto progressive = image_golden("gray-progressive.jpg");
  const std::size_t result = 8 * 48 * 3, coefficients = 8 * 48 * 2, libjpeg = 40'000;
  CHECK_NOTHROW(decode(progressive, {.memory = result + coefficients + libjpeg}));
  for (const std::size_t memory : {result - 1, result, result + coefficients / 2})
    CHECK(error_of([&] { decode(progressive, {.memory = memory}); }).find("more memory than the limit") !=
          std::string::npos);
  // 24 KB that inflate to 24 MB: refused on the way, where 8 MB are granted.
  const auto bomb = image_golden("bad-bomb.png");
  CHECK(error_of([&] {
          decode(bomb, {.memory = std::size_t{8} << 20});
        }).find("more memory than the limit") != std::string::npos);
}

TEST_CASE("an image that ends early is refused wherever it ends") {
  for (const std::string name :
       {"rgb-420.jpg", "rgb-progressive.jpg", "rgb-restarts.jpg", "gray.jpg", "rgb-8.png", "palette-8.png"}) {
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
  const std::size_t at = find_marker(whole, 0xC0);
  const auto refusal = [&](std::size_t offset, std::uint8_t value) {
    auto bytes = whole;
    bytes[at + offset] = value;
    return error_of([&] { decode(bytes); });
  };
  CHECK(refusal(1, 0xC9).find("arithmetic coding is not supported") != std::string::npos);
  CHECK(refusal(1, 0xC3) != "");  // lossless: which error depends on the library's version
  CHECK(refusal(4, 12).find("Unsupported JPEG data precision 12") != std::string::npos);
  auto two = whole;
  two.insert(two.begin() + static_cast<std::ptrdiff_t>(at), &whole[at], &whole[at + 13]);
  CHECK(error_of([&] { decode(two); }).find("two SOF markers") != std::string::npos);
  // The bytes after the last row are read too.
  auto twice = whole;
  twice.insert(twice.end() - 2, whole.begin() + static_cast<std::ptrdiff_t>(find_marker(whole, 0xDA)),
               whole.end() - 2);
  CHECK(error_of([&] { decode(twice); }).find("Didn't expect more than one scan") != std::string::npos);
}

TEST_CASE("a JPEG code table of more than 256 codes is refused") {
  auto bytes = image_golden("gray.jpg");
  // The longest segment, whose table has 16 * 255 codes.
  std::vector<std::uint8_t> segment = {0xFF, 0xC4, 0xFF, 0xFF, 0x10};
  segment.insert(segment.end(), 16, 255);
  segment.resize(2 + 0xFFFF, 0);
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(find_marker(bytes, 0xC4)), segment.begin(),
               segment.end());
  CHECK(error_of([&] { decode(bytes); }).find("Bogus Huffman table definition") != std::string::npos);
}

TEST_CASE("a JPEG may have 100 scans, and no more") {
  const auto whole = image_golden("gray-progressive.jpg");
  const std::size_t begin = find_marker(whole, 0xDA), end = find_marker(whole, 0xC4, begin);
  const auto with_scans = [&](int count) {
    std::vector<std::uint8_t> bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(begin));
    for (int i = 0; i < count; ++i) bytes.insert(bytes.end(), &whole[begin], &whole[end]);
    // The mean of each block, coarse at first in the file: here exact, so that another scan repeats it.
    for (std::size_t i = begin; i < bytes.size(); i += end - begin) bytes[i + 9] = 0;
    bytes.insert(bytes.end(), {0xFF, 0xD9});
    return bytes;
  };
  CHECK_NOTHROW(decode(with_scans(100)));
  CHECK(error_of([&] { decode(with_scans(101)); }).find("too many scans") != std::string::npos);
}

TEST_CASE("a JPEG that lacks a part of the image is refused, where Pillow makes something up") {
  const auto whole = image_golden("rgb-restarts.jpg");
  const std::size_t second = find_marker(whole, 0xD1), third = find_marker(whole, 0xD2);
  auto swapped = whole, shorter = whole;
  std::swap(swapped[second + 1], swapped[third + 1]);
  CHECK(error_of([&] { decode(swapped); }).find("instead of RST1") != std::string::npos);
  shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(third) - 9,
                shorter.begin() + static_cast<std::ptrdiff_t>(third));
  CHECK(error_of([&] { decode(shorter); }).find("premature end of data segment") != std::string::npos);
  // Of a progressive file the scans until the first of one colour: that of the other two never comes.
  const auto progressive = image_golden("rgb-progressive.jpg");
  const std::size_t scan = find_marker(progressive, 0xDA);
  auto one_color = progressive;
  one_color[scan + 3] = 8;  // the length of a scan's header of one colour, whose index and table stay
  one_color[scan + 4] = 1;
  one_color.erase(one_color.begin() + static_cast<std::ptrdiff_t>(scan) + 7,
                  one_color.begin() + static_cast<std::ptrdiff_t>(scan) + 11);
  one_color.resize(find_marker(one_color, 0xC4, scan));
  one_color.insert(one_color.end(), {0xFF, 0xD9});
  CHECK(error_of([&] { decode(one_color); }).find("missing SOS marker") != std::string::npos);
}
