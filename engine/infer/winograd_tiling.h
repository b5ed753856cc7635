#pragma once

#include <array>
#include <cstdint>

#include "engine/kernels/conv/conv_kernels.h"

namespace plainsight {

/// Tiles of 6 results, then tiles of 4, along one side of a picture.
struct WinogradSide {
  std::int64_t large = 0, small = 0;
  std::int64_t tiles() const { return large + small; }
  std::int64_t points() const { return 8 * large + 6 * small; }  ///< multiplications along this side
  std::int64_t size() const { return 6 * large + 4 * small; }    ///< results
  /// The first `n` of these tiles, and those from tile `n` on.
  WinogradSide first(std::int64_t n) const;
  WinogradSide from(std::int64_t n) const;
};

/// The cheapest tiles that cover `size` results. `tile` 4 or 6: of that size only; 0: both, so that an even
/// side from 4 on is covered exactly.
WinogradSide winograd_side(std::int64_t size, int tile);

/// One tile: its image, its first result, and whether its sides are of 6.
struct WinogradTile {
  std::int64_t image, y, x;
  bool large_y, large_x;
};

/// Tiles [begin, end).
struct TileRange {
  std::int64_t begin, end;
  std::int64_t size() const { return end - begin; }
};

/// A picture's tiles in an order in which each class of frequencies concerns a contiguous range of them: all
/// images' tiles of 6 x 4 results (rows x columns), then 6 x 6, 4 x 6 and 4 x 4.
class WinogradTiling {
 public:
  WinogradTiling() = default;
  WinogradTiling(WinogradSide rows, WinogradSide columns) : rows_(rows), columns_(columns) {}

  /// 36 when every tile is of 4 x 4, otherwise 64.
  int frequencies() const { return rows_.large + columns_.large > 0 ? 64 : 36; }
  std::int64_t tiles_of_image() const { return rows_.tiles() * columns_.tiles(); }
  /// The tiles of `images` pictures that have frequencies of this class.
  TileRange of_class(int frequency_class, std::int64_t images) const;
  WinogradTile at(std::int64_t t, std::int64_t images) const;
  const WinogradSide& rows() const { return rows_; }
  const WinogradSide& columns() const { return columns_; }

 private:
  /// Tiles of an image in each of the four regions, in their order.
  std::array<std::int64_t, 4> regions() const {
    return {rows_.large * columns_.small, rows_.large * columns_.large, rows_.small * columns_.large,
            rows_.small * columns_.small};
  }
  WinogradSide rows_, columns_;
};

}  // namespace plainsight
