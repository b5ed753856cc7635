#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/engine/kernels/tables.h"

using namespace plainsight;

TEST_CASE("the pool after a convolution is NaN where one of its four sums is") {
  plainsight::test::for_each_table([](const KernelTable& table) {
    const float bias[kChannelBlock] = {};
    for (int place = 0; place < 4; ++place) {
      float sums[4 * kChannelBlock], out[kChannelBlock];
      for (int i = 0; i < 4 * kChannelBlock; ++i) sums[i] = static_cast<float>(i % 7);
      sums[place * kChannelBlock + 3] = std::numeric_limits<float>::quiet_NaN();
      table.conv.finish(out, sums, 2, 2, {bias, true, true});
      for (int c = 0; c < kChannelBlock; ++c) {
        CAPTURE(place);
        CAPTURE(c);
        CHECK(std::isnan(out[c]) == (c == 3));
      }
    }
  });
}
