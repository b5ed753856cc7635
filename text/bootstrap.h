#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "text/bleu_counts.h"

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
/// each draw. CIDEr-D keeps the document frequencies of the whole corpus. The lists have one value per image;
/// resamples >= 1. The same arguments give the same intervals.
ScoreIntervals bootstrap(const std::vector<BleuCounts>& bleu, const std::vector<double>& rouge_l,
                         const std::vector<double>& cider, int resamples, std::uint64_t seed);

}  // namespace plainsight
