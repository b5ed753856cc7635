#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "text/scores.h"

namespace plainsight {

struct Interval {
  double low = 0, high = 0;
};

/// 95 % intervals of a corpus' scores.
struct ScoreIntervals {
  std::array<Interval, 4> bleu{};
  Interval rouge_l, cider;
};

/// Percentile bootstrap: draws as many images as there are, with replacement, `resamples` times, and scores
/// each draw. CIDEr-D keeps the document frequencies of the whole corpus. At least one image;
/// resamples >= 1. The same arguments give the same intervals.
ScoreIntervals bootstrap(const ImageScores& scores, int resamples, std::uint64_t seed);

}  // namespace plainsight
