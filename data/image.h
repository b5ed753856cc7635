#pragma once

#include <cstdint>
#include <vector>

namespace plainsight {

/// An image of 8-bit RGB pixels, rows from the top: rgb[(y * width + x) * 3 + channel].
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

}  // namespace plainsight
