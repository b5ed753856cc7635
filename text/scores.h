#pragma once

#include "text/bleu_counts.h"

namespace plainsight {

/// Corpus scores by pycocoevalcap's definitions (docs/course/metrics.md), as fractions, not percent.
struct Scores {
  std::array<double, 4> bleu{};  ///< BLEU-1 to BLEU-4, in [0,1]
  double rouge_l = 0;            ///< mean over images, in [0,1]
  double cider = 0;              ///< CIDEr-D, mean over images, in [0,10]
};

/// The scores of each image.
struct ImageScores {
  std::vector<BleuCounts> bleu;
  std::vector<double> rouge_l, cider;

  /// Those of all images together.
  Scores corpus() const;
};

/// Scores one hypothesis per image against any number of references (at least one). Words are separated by
/// blanks: apply the same cleaning, or ptb_tokenize, to both sides. Throws ContractError when the two sizes
/// differ or an image has no reference.
ImageScores score(const std::vector<std::string>& hypotheses, const References& references);

}  // namespace plainsight
