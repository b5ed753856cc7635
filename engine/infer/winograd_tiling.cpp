#include "engine/infer/winograd_tiling.h"

#include <algorithm>
#include <numeric>

namespace plainsight {

WinogradSide winograd_side(std::int64_t size, int tile) {
  const std::int64_t most = tile == 4 ? 0 : (size + 5) / 6, least = tile == 6 ? most : 0;
  WinogradSide best;
  for (std::int64_t large = most; large >= least; --large) {
    const WinogradSide side{large, (std::max<std::int64_t>(size - 6 * large, 0) + 3) / 4};
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
  // The regions whose tiles have what the class needs: anything, columns of 6, rows of 6, both.
  constexpr std::ptrdiff_t kRegions[kWinogradClasses][2] = {{0, 4}, {1, 3}, {0, 2}, {1, 2}};
  const std::array<std::int64_t, 4> count = regions();
  const auto [first, last] = kRegions[frequency_class];
  return {images * std::accumulate(count.begin(), count.begin() + first, std::int64_t{0}),
          images * std::accumulate(count.begin(), count.begin() + last, std::int64_t{0})};
}

WinogradTile WinogradTiling::at(std::int64_t t, std::int64_t images) const {
  const std::array<std::int64_t, 4> count = regions();
  int region = 0;
  for (; t >= images * count[static_cast<std::size_t>(region)]; ++region)
    t -= images * count[static_cast<std::size_t>(region)];
  const bool large_y = region < 2, large_x = region == 1 || region == 2;
  const std::int64_t per_image = count[static_cast<std::size_t>(region)];
  const std::int64_t columns = large_x ? columns_.large : columns_.small;
  const std::int64_t row = t % per_image / columns, column = t % columns;
  return {t / per_image, large_y ? 6 * row : 6 * rows_.large + 4 * row,
          large_x ? 6 * column : 6 * columns_.large + 4 * column, large_y, large_x};
}

}  // namespace plainsight
