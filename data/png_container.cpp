#include "data/png_container.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engine/base/error.h"

namespace plainsight {
namespace {

/// Reads forward through a file's bytes; reading past the end throws.
class ByteReader {
 public:
  /// `base`: where in the file `bytes` begin, for messages.
  ByteReader(std::span<const std::byte> bytes, const std::string& name, std::size_t base = 0)
      : bytes_(bytes), name_(name), base_(base) {}

  /// A reader of the next `count` bytes, which skips them here.
  ByteReader part(std::size_t count, const char* what) {
    const std::size_t base = base_ + position_;
    return {take(count, what), name_, base};
  }
  std::span<const std::byte> take(std::size_t count, const char* what) {
    if (bytes_.size() - position_ < count) damaged(std::string(what) + " is cut short");
    const auto part = bytes_.subspan(position_, count);
    position_ += count;
    return part;
  }
  std::uint32_t u32(const char* what) {
    std::uint32_t value = 0;
    for (const std::byte b : take(4, what)) value = value << 8 | std::to_integer<std::uint32_t>(b);
    return value;
  }

  [[noreturn]] void damaged(const std::string& why) const {
    throw Error("cannot decode image", name_, why + " at byte " + std::to_string(base_ + position_),
                "The file is damaged or truncated: copy it again");
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string& name_;
  std::size_t base_;
  std::size_t position_ = 0;
};

}  // namespace

PngHeader check_png_container(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader in(bytes, name);
  in.take(8, "the signature");
  PngHeader header;
  for (std::string_view type; type != "IEND";) {
    const std::uint32_t length = in.u32("a chunk's header");
    const auto checked = in.take(4, "a chunk's header");
    type = {reinterpret_cast<const char*>(checked.data()), 4};
    ByteReader content = in.part(length, "a chunk");
    // The checksum covers type and content, which are contiguous.
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()), length + 4);
    if (crc != in.u32("a chunk's checksum")) in.damaged("a PNG chunk does not match its checksum");
    if (type == "IHDR") {
      header.width = content.u32("the header");
      header.height = content.u32("the header");
      if (header.width == 0 || header.height == 0)
        content.damaged("the header claims " + std::to_string(header.width) + "x" +
                        std::to_string(header.height) + " pixels");
    }
    const bool critical = (type[0] & 0x20) == 0;
    if (critical && type != "IHDR" && type != "PLTE" && type != "IDAT" && type != "IEND")
      in.damaged("an unknown critical PNG chunk");
  }
  if (header.width == 0) in.damaged("no PNG header before the end");
  return header;
}

}  // namespace plainsight
