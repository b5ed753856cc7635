#include "engine/infer/winograd_tiling.h"

#include <algorithm>
#include <numeric>

#include "engine/base/round.h"

namespace plainsight {

WinogradSide winograd_side(std::int64_t size, int tile) {
  const std::int64_t most = tile == 4 ? 0 : ceil_div(size, 6), least = tile == 6 ? most : 0;
  WinogradSide best;
  for (std::int64_t large = most; large >= least; --large) {
    const WinogradSide side{large, ceil_div(std::max<std::int64_t>(size - 6 * large, 0), 4)};
    if (large == most || side.points() < best.points()) best = side;
  }
  return best;
}

WinogradSide WinogradSide::first(std::int64_t n) const {
  return {std::min(n, large), std::max<std::int64_t>(n - large, 0)};
}

WinogradSide WinogradSide::from(std::int64_t n) const {
  return {large - first(n).large, small - first(n).small};
}

TileRange WinogradTiling::of_class(int frequency_class, std::int64_t images) const {
  // Regions [first, last) whose tiles have the frequencies of each class. Class 0: every tile; 1: columns of
  // 6; 2: rows of 6; 3: both.
  constexpr int kRegions[kWinogradClasses][2] = {{0, 4}, {1, 3}, {0, 2}, {1, 2}};
  const std::array<std::int64_t, 4> count = regions();
  const auto [first, last] = kRegions[frequency_class];
  return {images * std::accumulate(count.begin(), count.begin() + first, std::int64_t{0}),
          images * std::accumulate(count.begin(), count.begin() + last, std::int64_t{0})};
}

WinogradTile WinogradTiling::at(std::int64_t t, std::int64_t images) const {
  const std::array<std::int64_t, 4> count = regions();
  int region = 0;
  for (; t >= images * count[region]; ++region) t -= images * count[region];
  // Within a region: image by image, row by row.
  const bool large_y = region < 2, large_x = region == 1 || region == 2;
  const std::int64_t columns = large_x ? columns_.large : columns_.small;
  const std::int64_t row = t % count[region] / columns, column = t % columns;
  return {t / count[region], large_y ? 6 * row : 6 * rows_.large + 4 * row,
          large_x ? 6 * column : 6 * columns_.large + 4 * column, large_y, large_x};
}

}  // namespace plainsight
