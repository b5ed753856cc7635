#include "engine/infer/winograd_block.h"

#include <algorithm>

namespace plainsight {

WinogradBlock::WinogradBlock(const WinogradTiling& tiles, std::int64_t of_images, std::int64_t begin,
                             std::int64_t size)
    : tiling(tiles), images(of_images), first(begin), count(size) {
  for (int c = 0; c < kWinogradClasses; ++c) {
    const TileRange all = tiling.of_class(c, images);
    ranges[c] = {std::clamp<std::int64_t>(all.begin - first, 0, count),
                 std::clamp<std::int64_t>(all.end - first, 0, count)};
  }
}

TileRange WinogradBlock::of_frequency(std::int64_t f) const {
  int c = 0;
  while (f >= kWinogradClass[c + 1]) ++c;
  return ranges[c];
}

}  // namespace plainsight
