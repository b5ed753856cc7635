#include "data/image_container.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "engine/base/error.h"

namespace plainsight {
namespace {

constexpr int kMaxScans =
    500;  // progressive files have about ten; each may cost a pass over the whole picture

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(),
                    [](char c, std::byte b) { return static_cast<std::byte>(c) == b; });
}

/// Reads forward through a file's bytes; asking for more than there is throws.
class Reader {
 public:
  /// `base`: where in the file `bytes` begin, for messages.
  Reader(std::span<const std::byte> bytes, const std::string& name, std::size_t base = 0)
      : bytes_(bytes), name_(name), base_(base) {}

  /// The next `count` bytes as a reader of their own.
  Reader part(std::size_t count, const char* what) {
    const std::size_t base = base_ + position_;
    return {take(count, what), name_, base};
  }
  std::size_t remaining() const { return bytes_.size() - position_; }
  std::span<const std::byte> take(std::size_t count, const char* what) {
    if (remaining() < count) damaged(std::string(what) + " is cut short");
    const auto piece = bytes_.subspan(position_, count);
    position_ += count;
    return piece;
  }
  unsigned u8(const char* what) { return std::to_integer<unsigned>(take(1, what)[0]); }
  unsigned u16(const char* what) {
    const unsigned high = u8(what);
    return high << 8 | u8(what);
  }
  std::uint32_t u32(const char* what) {
    const std::uint32_t high = u16(what);
    return high << 16 | u16(what);
  }

  [[noreturn]] void damaged(const std::string& why) const {
    throw Error("cannot decode picture", name_, why + " at byte " + std::to_string(base_ + position_),
                "The file is damaged or truncated: copy it again");
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string& name_;
  std::size_t base_;
  std::size_t position_ = 0;
};

// A Huffman table segment: per table one byte of class and slot, 16 counts of codes by length, then one value
// per code.
void check_huffman_tables(Reader& segment) {
  while (segment.remaining() > 0) {
    segment.u8("a Huffman table");
    unsigned codes = 0;
    for (int length = 1; length <= 16; ++length) codes += segment.u8("a Huffman table");
    if (codes > 256)
      segment.damaged("a Huffman table has " + std::to_string(codes) + " codes of at most 256");
    segment.take(codes, "a Huffman table");
  }
}

// Entropy-coded data: up to the next 0xFF that is neither a stuffed byte (FF00) nor a restart marker
// (FFD0..FFD7). Returns that marker.
unsigned skip_entropy_coded(Reader& in) {
  constexpr const char* kPart = "the picture data";
  for (;;) {
    if (in.u8(kPart) != 0xFF) continue;
    unsigned marker = in.u8(kPart);
    while (marker == 0xFF) marker = in.u8(kPart);
    if (marker != 0x00 && (marker < 0xD0 || marker > 0xD7)) return marker;
  }
}

unsigned next_marker(Reader& in) {
  if (in.u8("the header") != 0xFF) in.damaged("a JPEG marker is missing");
  unsigned marker = 0xFF;
  while (marker == 0xFF) marker = in.u8("the header");
  return marker;
}

ImageHeader check_size(const Reader& in, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0)
    in.damaged("the header claims " + std::to_string(width) + "x" + std::to_string(height) + " pixels");
  return {width, height};
}

// A frame header: bits per sample, height, width, and the number of components.
ImageHeader read_frame(Reader& segment) {
  const unsigned bits = segment.u8("the frame header");
  if (bits != 8) segment.damaged(std::to_string(bits) + "-bit JPEG is not supported, only 8-bit");
  const unsigned height = segment.u16("the frame header");
  const unsigned width = segment.u16("the frame header");
  ImageHeader header = check_size(segment, width, height);
  header.unmarked_cmyk = segment.u8("the frame header") == 4;
  return header;
}

// APP14 as Adobe writes it: its name, version, flags, and how the components are to be understood.
bool is_adobe_marker(Reader& segment) {
  constexpr std::size_t kSize = 12;
  return segment.remaining() >= kSize && starts_with(segment.take(kSize, "a segment"), "Adobe");
}

ImageHeader check_jpeg(std::span<const std::byte> bytes, const std::string& name) {
  constexpr unsigned kBaseline = 0xC0, kProgressive = 0xC2, kHuffman = 0xC4, kEndOfImage = 0xD9,
                     kStartOfScan = 0xDA, kApp14 = 0xEE;
  Reader in(bytes, name);
  in.take(2, "the header");
  ImageHeader header;
  int scans = 0;
  bool marked = false;
  for (unsigned marker = next_marker(in); marker != kEndOfImage;) {
    const unsigned length = in.u16("the header");
    if (length < 2) in.damaged("a JPEG segment has length " + std::to_string(length));
    Reader segment = in.part(length - 2, "a segment");
    if (marker == kHuffman) check_huffman_tables(segment);
    if (marker == kApp14) marked = is_adobe_marker(segment) || marked;
    if (marker >= kBaseline && marker <= kProgressive) {
      if (header.width != 0) in.damaged("a second frame");  // the decoder would take the first one's size
      header = read_frame(segment);
    }
    if (marker == kStartOfScan) {
      if (++scans > kMaxScans) in.damaged("more than " + std::to_string(kMaxScans) + " scans");
      marker = skip_entropy_coded(in);
    } else {
      marker = next_marker(in);
    }
  }
  if (header.width == 0) in.damaged("no baseline or progressive JPEG frame before the end");
  header.unmarked_cmyk = header.unmarked_cmyk && !marked;
  return header;
}

ImageHeader check_png(std::span<const std::byte> bytes, const std::string& name) {
  Reader in(bytes, name);
  in.take(8, "the signature");
  ImageHeader header;
  for (std::string_view type; type != "IEND";) {
    const std::uint32_t length = in.u32("a chunk's header");
    const auto checked = in.take(4, "a chunk's header");
    type = {reinterpret_cast<const char*>(checked.data()), 4};
    Reader content = in.part(length, "a chunk");
    // The checksum covers type and content, which lie side by side.
    const auto crc = ::crc32(0, reinterpret_cast<const Bytef*>(checked.data()), length + 4);
    if (crc != in.u32("a chunk's checksum")) in.damaged("a PNG chunk does not match its checksum");
    if (type == "IHDR") {
      const std::uint32_t width = content.u32("the header");
      header = check_size(content, width, content.u32("the header"));
    }
    const bool critical = (type[0] & 0x20) == 0;
    if (critical && type != "IHDR" && type != "PLTE" && type != "IDAT" && type != "IEND")
      in.damaged("an unknown critical PNG chunk");
  }
  if (header.width == 0) in.damaged("no PNG header before the end");
  return header;
}

}  // namespace

ImageHeader check_image_container(std::span<const std::byte> bytes, const std::string& name) {
  if (starts_with(bytes, "\xFF\xD8")) return check_jpeg(bytes, name);
  if (starts_with(bytes, "\x89PNG\r\n\x1a\n")) return check_png(bytes, name);
  throw Error("cannot decode picture", name,
              bytes.empty() ? "the file is empty" : "it is neither JPEG nor PNG",
              "Convert it to one of these, or take it out of the folder");
}

}  // namespace plainsight
