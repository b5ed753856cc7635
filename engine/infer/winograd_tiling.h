#pragma once

#include <array>
#include <cstdint>

#include "engine/kernels/conv/conv_kernels.h"

namespace plainsight {

/// One side of an image, cut into large tiles of 6 results, then small tiles of 4: 14 = 6 + 4 + 4.
struct WinogradSide {
  std::int64_t large = 0, small = 0;
  std::int64_t tiles() const { return large + small; }
  std::int64_t points() const { return 8 * large + 6 * small; }  ///< multiplications along this side
  std::int64_t size() const { return 6 * large + 4 * small; }    ///< results
  /// The first `n` of these tiles.
  WinogradSide first(std::int64_t n) const;
  /// The tiles from tile `n` on.
  WinogradSide from(std::int64_t n) const;
};

/// The tiles with the fewest multiplications that cover `size` results. `tile` 4 or 6: only of that size; 0:
/// of both, which covers every even side from 4 on exactly.
WinogradSide winograd_side(std::int64_t size, int tile);

/// One tile: its image, its first result (y, x), and whether its sides have 6 results instead of 4.
struct WinogradTile {
  std::int64_t image, y, x;
  bool large_y, large_x;
};

/// Tiles [begin, end).
struct TileRange {
  std::int64_t begin, end;
  std::int64_t size() const { return end - begin; }
};

/// The tiles of a batch, numbered by region: the 6 x 4 tiles of all images (rows x columns), then the 6 x 6,
/// 4 x 6 and 4 x 4 ones. In this order the tiles that have the frequencies of one class (conv_kernels.h) form
/// a contiguous range.
class WinogradTiling {
 public:
  WinogradTiling() = default;
  WinogradTiling(WinogradSide rows, WinogradSide columns) : rows_(rows), columns_(columns) {}

  /// 36 when every tile is of 4 x 4, otherwise 64.
  int frequencies() const { return rows_.large + columns_.large > 0 ? 64 : 36; }
  std::int64_t tiles_of_image() const { return rows_.tiles() * columns_.tiles(); }
  /// The tiles of `images` images that have the frequencies of this class.
  TileRange of_class(int frequency_class, std::int64_t images) const;
  WinogradTile at(std::int64_t t, std::int64_t images) const;
  const WinogradSide& rows() const { return rows_; }
  const WinogradSide& columns() const { return columns_; }

 private:
  /// Tiles of one image in each of the four regions, in their order.
  std::array<std::int64_t, 4> regions() const {
    return {rows_.large * columns_.small, rows_.large * columns_.large, rows_.small * columns_.large,
            rows_.small * columns_.small};
  }
  WinogradSide rows_, columns_;
};

}  // namespace plainsight
