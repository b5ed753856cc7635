#pragma once

#include <array>
#include <string>
#include <vector>

#include "text/bleu.h"

namespace plainsight {

/// The counts that BLEU needs of one image. A corpus is scored by their sum.
struct BleuCounts {
  std::array<double, 4> matches{};  ///< n-grams of the hypothesis that a reference has, n = 1..4
  std::array<double, 4> guesses{};  ///< n-grams of the hypothesis
  double length = 0;                ///< words of the hypothesis
  double reference_length = 0;      ///< words of the reference closest in length

  BleuCounts& operator+=(const BleuCounts& other);
  /// BLEU-1 to BLEU-4.
  std::array<double, 4> bleu() const;
};

/// The counts of each image; arguments as for score().
std::vector<BleuCounts> bleu_counts(const std::vector<std::string>& hypotheses, const References& references);

}  // namespace plainsight
