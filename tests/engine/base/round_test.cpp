#include "engine/base/round.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace plainsight;

TEST_CASE("for_each_even_block covers [0, n) with blocks that differ by at most one") {
  for (std::int64_t most : {1, 2, 14})
    for (std::int64_t n = 0; n <= 3 * most + 1; ++n) {
      CAPTURE(most);
      CAPTURE(n);
      std::int64_t covered = 0, blocks = 0, least = most, largest = 0;
      for_each_even_block(n, most, [&](std::int64_t begin, std::int64_t count) {
        CHECK(begin == covered);
        covered += count;
        least = std::min(least, count);
        largest = std::max(largest, count);
        ++blocks;
      });
      CHECK(covered == n);
      CHECK(blocks == ceil_div(n, most));
      if (n > 0) CHECK((least >= 1 && largest - least <= 1 && largest <= most));
    }
}
