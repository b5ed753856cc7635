#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace plainsight {

/// What a picture's header claims.
struct ImageHeader {
  std::uint32_t width = 0;  ///< at least 1, as is the height
  std::uint32_t height = 0;
  bool unmarked_cmyk = false;  ///< a JPEG of four components that does not say what they are
};

/// Walks the segments of a JPEG or the chunks of a PNG without decoding, and refuses what the decoder would
/// not notice or would not survive: files that end early, damaged chunks (CRC), code tables that claim more
/// than 256 codes, thousands of scans, a second frame. After it, the decoder meets no end of file and no chunk it does not
/// know. Throws Error naming `name` and the byte.
ImageHeader check_image_container(std::span<const std::byte> bytes, const std::string& name);

}  // namespace plainsight
