#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace plainsight {

/// stb_image, whose header and settings only stb_decode.cpp sees.
struct StbFree {
  void operator()(std::uint8_t* p) const noexcept;
};
using StbPixels = std::unique_ptr<std::uint8_t[], StbFree>;

/// Decodes to height x width x 3 bytes, with at most `memory` bytes allocated at any time on the way. Null
/// on failure.
StbPixels stb_decode(std::span<const std::byte> bytes, std::size_t memory, int& width, int& height);

/// Why the last decoding on this thread failed, in stb's words.
const char* stb_reason();

}  // namespace plainsight
