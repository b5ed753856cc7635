#pragma once

#include <array>
#include <string>
#include <vector>

namespace plainsight {

/// Caption scores by pycocoevalcap's definitions; docs/math/metrics.md derives them. As fractions (BLEU,
/// ROUGE-L: 0 to 1; CIDEr: 0 to 10), not percent.
struct Scores {
  std::array<double, 4> bleu{};  ///< BLEU-1 to BLEU-4
  double rouge_l = 0;
  double cider =
      0;  ///< CIDEr-D; needs the whole corpus: its weights are the references' document frequencies
};

using References = std::vector<std::vector<std::string>>;

/// One hypothesis per image, any number of references (at least one) per image. Words are what blanks
/// separate: use the same cleaning, or ptb_tokenize, on both sides.
/// Throws ContractError when the numbers do not fit.
Scores score(const std::vector<std::string>& hypotheses, const References& references);

/// BLEU-1 to BLEU-4 of a corpus; of one image, when it has one.
std::array<double, 4> bleu(const std::vector<std::string>& hypotheses, const References& references);
/// ROUGE-L of each image; the corpus value is the mean.
std::vector<double> rouge_l(const std::vector<std::string>& hypotheses, const References& references);
/// CIDEr-D of each image; the corpus value is the mean.
std::vector<double> cider(const std::vector<std::string>& hypotheses, const References& references);

}  // namespace plainsight
