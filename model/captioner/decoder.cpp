#include "model/captioner/decoder.h"

#include <algorithm>

#include "engine/base/error.h"
#include "model/captioner/search.h"

namespace plainsight {
namespace {

/// Hypotheses that share a product. A search wants many, since they end at different steps, and each step
/// reads all weights for those that are left; sampling keeps a row of logits (122 KB at the notebook's
/// vocabulary) for each.
constexpr std::int64_t kSearchRows = 1024, kSampleRows = 192;

void refuse(const char* option, const std::string& why) { throw UsageError("wrong option", option, why); }

}  // namespace

void DecodeOptions::check() const {
  if (beam < 1 || beam > 64) refuse("--beam", "it must be from 1 to 64");
  if (!(temperature > 0 && temperature <= 100)) refuse("--temperature", "it must be above 0 and at most 100");
  if (top_k < 0) refuse("--top-k", "it must not be negative");
  if (!(top_p > 0 && top_p <= 1)) refuse("--top-p", "it must be above 0 and at most 1");
  if (!(length_penalty >= 0 && length_penalty <= 10)) refuse("--length-penalty", "it must be from 0 to 10");
  if (max_length < 2 || max_length > 1000) refuse("--max-length", "it must be from 2 to 1000");
  if (count < 1 || count > 1000) refuse("--num", "it must be from 1 to 1000");
  if (method == Method::greedy && count > 1) {
    refuse("--num", "greedy decoding finds one caption; use --decode beam or sample for more");
  }
  if (method == Method::beam && count > beam) {
    refuse("--num", "a beam of " + std::to_string(beam) + " finds at most as many captions; raise --beam");
  }
}

std::vector<std::vector<Hypothesis>> Decoder::decode(ConstView features, const DecodeOptions& options,
                                                     std::int64_t first_image) const {
  options.check();
  const bool sampling = options.method == DecodeOptions::Method::sample;
  const int rows_per_image = sampling                                        ? options.count
                             : options.method == DecodeOptions::Method::beam ? options.beam
                                                                             : 1;
  const std::int64_t group =
      std::max<std::int64_t>(1, (sampling ? kSampleRows : kSearchRows) / rows_per_image);
  std::vector<std::vector<Hypothesis>> result;
  for (std::int64_t begin = 0; begin < features.rows(); begin += group) {
    const ConstView some = features.slice(begin, std::min(begin + group, features.rows()));
    auto captions = sampling ? sample(step_, ids_, some, options, first_image + begin)
                             : beam_search(step_, ids_, some, options);
    std::move(captions.begin(), captions.end(), std::back_inserter(result));
  }
  return result;
}

}  // namespace plainsight
