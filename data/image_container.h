#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace plainsight {

/// The size that a picture's header claims; at least 1 x 1.
struct ImageHeader {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// Walks the segments of a JPEG or the chunks of a PNG without decoding, and refuses what the decoder would
/// not notice or would not survive: files that end early, damaged chunks (CRC), code tables that claim more
/// than 256 codes, thousands of scans. After it, the decoder meets no end of file and no chunk it does not
/// know. Throws Error naming `name` and the byte.
ImageHeader check_image_container(std::span<const std::byte> bytes, const std::string& name);

}  // namespace plainsight
