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

Scores score(const std::vector<std::string>& hypotheses, const References& references) {
  return {bleu(hypotheses, references), mean(rouge_l(hypotheses, references)),
          mean(cider(hypotheses, references))};
}

}  // namespace plainsight
