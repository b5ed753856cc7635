#include "text/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/random.h"

namespace plainsight {
namespace {

// The 2.5th and 97.5th percentile, linear between values (numpy.percentile's default).
Interval percentiles(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double fraction) {
    const double place = fraction * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - std::floor(place)) * (values[above] - values[below]);
  };
  return {at(.025), at(.975)};
}

}  // namespace

ScoreIntervals bootstrap(const ImageScores& scores, int resamples, std::uint64_t seed) {
  const std::size_t images = scores.bleu.size();
  require(resamples >= 1 && images > 0 && scores.rouge_l.size() == images && scores.cider.size() == images,
          "bootstrap: equally many values of each score");
  std::array<std::vector<double>, 6> drawn;
  TorchGenerator random(seed);
  for (int r = 0; r < resamples; ++r) {
    BleuCounts counts;
    double rouge_sum = 0, cider_sum = 0;
    for (std::size_t k = 0; k < images; ++k) {
      const std::size_t i = random.random64() % images;
      counts += scores.bleu[i];
      rouge_sum += scores.rouge_l[i];
      cider_sum += scores.cider[i];
    }
    const auto b = counts.bleu();
    for (std::size_t n = 0; n < 4; ++n) drawn[n].push_back(b[n]);
    drawn[4].push_back(rouge_sum / static_cast<double>(images));
    drawn[5].push_back(cider_sum / static_cast<double>(images));
  }
  ScoreIntervals result;
  for (std::size_t n = 0; n < 4; ++n) result.bleu[n] = percentiles(std::move(drawn[n]));
  result.rouge_l = percentiles(std::move(drawn[4]));
  result.cider = percentiles(std::move(drawn[5]));
  return result;
}

}  // namespace plainsight
