#pragma once

#include <cstdint>

#include "engine/infer/winograd_tiling.h"

namespace plainsight {

/// Tiles [first, first + count) of a tiling: the ones that go through the three steps together. `ranges` has,
/// for each frequency class, the tiles of the block that have its frequencies, counted from `first`.
struct WinogradBlock {
  WinogradBlock(const WinogradTiling& tiles, std::int64_t of_images, std::int64_t begin, std::int64_t size);
  WinogradTile at(std::int64_t t) const { return tiling.at(first + t, images); }
  /// The tiles that have frequency f, counted from `first`.
  TileRange of_frequency(std::int64_t f) const;

  const WinogradTiling& tiling;
  std::int64_t images, first, count;
  TileRange ranges[kWinogradClasses];
};

/// The pixels that a block reads or writes: [image][channel block][height][width][16]. The tiling's pixel
/// (0, 0) is at (y, x), which is not (0, 0) when these pixels are a patch with a halo.
template <class Float>
struct Pixels {
  Float* data;
  std::int64_t channel_blocks, height, width, y = 0, x = 0;

  Float* plane(std::int64_t image, std::int64_t block) const {
    return data + (image * channel_blocks + block) * height * width * kChannelBlock;
  }
};

}  // namespace plainsight
