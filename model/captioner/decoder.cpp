#include "model/captioner/decoder.h"

#include <algorithm>

#include "model/captioner/beam_search.h"
#include "model/captioner/sample.h"

namespace plainsight {
namespace {

/// Hypotheses that share a matrix product. A search wants many: they end at different steps, and each step
/// reads all weights for those that are left. Sampling keeps a row of logits for each (122 KB at the
/// notebook's vocabulary).
constexpr std::int64_t kSearchRows = 1024, kSampleRows = 192;

}  // namespace

std::vector<std::vector<Hypothesis>> Decoder::decode(ConstView features, const DecodeOptions& options,
                                                     std::int64_t first_image) const {
  options.check();
  const bool sampling = options.method == DecodeOptions::Method::sample;
  const std::int64_t group =
      std::max<std::int64_t>(1, (sampling ? kSampleRows : kSearchRows) / options.rows_per_image());
  std::vector<std::vector<Hypothesis>> result;
  for (std::int64_t begin = 0; begin < features.rows(); begin += group) {
    const ConstView some = features.slice(begin, std::min(begin + group, features.rows()));
    auto captions = sampling ? sample(*step_, ids_, some, options, first_image + begin)
                             : beam_search(*step_, ids_, some, options);
    std::move(captions.begin(), captions.end(), std::back_inserter(result));
  }
  return result;
}

}  // namespace plainsight
