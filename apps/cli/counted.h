#pragma once

#include <string>

namespace plainsight {

/// "1 image", "2 images".
inline std::string counted(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace plainsight
