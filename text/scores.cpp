#include "text/scores.h"

#include <numeric>

#include "text/cider.h"
#include "text/rouge.h"

namespace plainsight {
namespace {

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

ImageScores score(const std::vector<std::string>& hypotheses, const References& references) {
  return {bleu_counts(hypotheses, references), rouge_l(hypotheses, references),
          cider(hypotheses, references)};
}

Scores ImageScores::corpus() const {
  BleuCounts all;
  for (const BleuCounts& image : bleu) all += image;
  return {all.bleu(), mean(rouge_l), mean(cider)};
}

}  // namespace plainsight
