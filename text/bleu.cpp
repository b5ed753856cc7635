#include "text/bleu.h"

#include <cmath>
#include <cstdlib>

#include "engine/base/error.h"
#include "text/bleu_counts.h"
#include "text/ngrams.h"

namespace plainsight {
namespace {

// The reference length closest to the hypothesis; of two equally close ones the shorter.
std::size_t closest_length(const std::vector<std::vector<std::int32_t>>& references, std::size_t length) {
  const auto distance = [&](std::size_t l) { return l > length ? l - length : length - l; };
  std::size_t best = references.front().size();
  for (const auto& reference : references) {
    const std::size_t l = reference.size();
    if (distance(l) < distance(best) || (distance(l) == distance(best) && l < best)) best = l;
  }
  return best;
}

// Hypothesis n-grams that occur in a reference, each counted at most as often as in the
// reference that has most of it.
int clipped_matches(const NgramCounts& hypothesis, const std::vector<NgramCounts>& references) {
  int matches = 0;
  for (const auto& [gram, count] : hypothesis) {
    int most = 0;
    for (const NgramCounts& reference : references)
      if (const auto found = reference.find(gram); found != reference.end())
        most = std::max(most, found->second);
    matches += std::min(count, most);
  }
  return matches;
}

}  // namespace

BleuCounts& BleuCounts::operator+=(const BleuCounts& other) {
  for (std::size_t n = 0; n < kMaxOrder; ++n) {
    matches[n] += other.matches[n];
    guesses[n] += other.guesses[n];
  }
  length += other.length;
  reference_length += other.reference_length;
  return *this;
}

std::array<double, 4> BleuCounts::bleu() const {
  // pycocoevalcap's guards against 0 and 0/0: part of the definition, visible when nothing matches.
  constexpr double tiny = 1e-15, small = 1e-9;
  const double ratio = (length + tiny) / (reference_length + small);
  const double brevity_penalty = ratio < 1 ? std::exp(1 - 1 / ratio) : 1;
  std::array<double, 4> result{};
  double product = 1;
  for (std::size_t n = 0; n < kMaxOrder; ++n) {
    product *= (matches[n] + tiny) / (guesses[n] + small);
    result[n] = std::pow(product, 1.0 / static_cast<double>(n + 1)) * brevity_penalty;
  }
  return result;
}

std::vector<BleuCounts> bleu_counts(const std::vector<std::string>& hypotheses,
                                    const References& references) {
  require(hypotheses.size() == references.size(), "bleu: one list of references per hypothesis");
  WordNumbers numbers;
  std::vector<BleuCounts> all;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    require(!references[i].empty(), "bleu: at least one reference per hypothesis");
    const auto words = numbers.split(hypotheses[i]);
    std::vector<std::vector<std::int32_t>> texts;
    for (const std::string& reference : references[i]) texts.push_back(numbers.split(reference));
    BleuCounts image;
    image.length = static_cast<double>(words.size());
    image.reference_length = static_cast<double>(closest_length(texts, words.size()));
    for (std::size_t n = 1; n <= kMaxOrder; ++n) {
      std::vector<NgramCounts> counts;
      for (const auto& text : texts) counts.push_back(count_ngrams(text, n));
      image.matches[n - 1] = clipped_matches(count_ngrams(words, n), counts);
      image.guesses[n - 1] = static_cast<double>(words.size() + 1 > n ? words.size() + 1 - n : 0);
    }
    all.push_back(image);
  }
  return all;
}

std::array<double, 4> bleu(const std::vector<std::string>& hypotheses, const References& references) {
  BleuCounts corpus;
  for (const BleuCounts& image : bleu_counts(hypotheses, references)) corpus += image;
  return corpus.bleu();
}

}  // namespace plainsight
