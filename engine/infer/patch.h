#pragma once

#include <cstdint>

namespace plainsight {

/// A rectangle of one image: rows [y, y + rows), columns [x, x + columns). It may reach beyond the image by
/// one pixel on each side, where a 3x3 window of the next layer reads its padding.
struct Patch {
  std::int64_t y, x, rows, columns;
};

}  // namespace plainsight
