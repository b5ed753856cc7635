#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace plainsight {

/// The claims of a PNG's header.
struct PngHeader {
  std::uint32_t width = 0;  ///< at least 1, as is the height
  std::uint32_t height = 0;
};

/// Walks the chunks of a PNG without decoding, and refuses what the decoder would not notice: files that end
/// early, damaged chunks (CRC), critical chunks that it does not know. `bytes` begin with PNG's signature.
/// Throws Error naming `name` and the byte.
PngHeader check_png_container(std::span<const std::byte> bytes, const std::string& name);

}  // namespace plainsight
