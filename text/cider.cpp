#include "text/cider.h"

#include <cmath>
#include <set>

#include "engine/base/error.h"
#include "text/ngrams.h"

namespace plainsight {
namespace {

// A text as four sparse vectors (one per order) of weights tf(g) (ln N - ln max(1, df(g))).
struct WeightVectors {
  std::array<std::map<Ngram, double>, kMaxOrder> weights;
  std::array<double, kMaxOrder> norms{};
  double length = 0;  // in bigrams
};

class Cider {
 public:
  Cider(const std::vector<std::string>& hypotheses, const References& references)
      : log_images_(std::log(static_cast<double>(hypotheses.size()))) {
    // Document frequency: in how many images' references an n-gram occurs.
    for (const auto& texts : references) {
      require(!texts.empty(), "cider: at least one reference per hypothesis");
      std::set<Ngram> seen;
      for (const std::string& text : texts) {
        const auto words = numbers_.split(text);
        for (std::size_t n = 1; n <= kMaxOrder; ++n)
          for (const auto& [gram, count] : count_ngrams(words, n)) seen.insert(gram);
      }
      for (const Ngram& gram : seen) ++document_frequency_[gram];
    }
  }

  // 10 times the mean similarity to the references, over the four orders.
  double score(const std::string& hypothesis, const std::vector<std::string>& references) {
    const WeightVectors h = vectors(hypothesis);
    std::array<double, kMaxOrder> sums{};
    for (const std::string& text : references) {
      const WeightVectors r = vectors(text);
      for (std::size_t n = 0; n < kMaxOrder; ++n) sums[n] += similarity(h, r, n);
    }
    const double mean = (sums[0] + sums[1] + sums[2] + sums[3]) / static_cast<double>(kMaxOrder);
    return 10 * mean / static_cast<double>(references.size());
  }

 private:
  // The TF-IDF weights of a text; an n-gram of no reference counts as one of a single image.
  WeightVectors vectors(const std::string& text) {
    const auto words = numbers_.split(text);
    WeightVectors v;
    for (std::size_t n = 0; n < kMaxOrder; ++n) {
      double squares = 0;
      for (const auto& [gram, count] : count_ngrams(words, n + 1)) {
        const auto found = document_frequency_.find(gram);
        const double df = found == document_frequency_.end() ? 1 : found->second;
        const double weight = count * (log_images_ - std::log(df));
        v.weights[n][gram] = weight;
        squares += weight * weight;
      }
      v.norms[n] = std::sqrt(squares);
    }
    v.length = words.empty() ? 0 : static_cast<double>(words.size() - 1);
    return v;
  }

  // CIDEr-D: clipped cosine, damped by the difference of lengths.
  static double similarity(const WeightVectors& h, const WeightVectors& r, std::size_t n) {
    constexpr double sigma = 6;
    double dot = 0;
    for (const auto& [gram, weight] : h.weights[n])
      if (const auto found = r.weights[n].find(gram); found != r.weights[n].end())
        dot += std::min(weight, found->second) * found->second;
    if (h.norms[n] != 0 && r.norms[n] != 0) dot /= h.norms[n] * r.norms[n];
    const double delta = h.length - r.length;
    return dot * std::exp(-delta * delta / (2 * sigma * sigma));
  }

  WordNumbers numbers_;
  std::map<Ngram, double> document_frequency_;
  double log_images_;
};

}  // namespace

std::vector<double> cider(const std::vector<std::string>& hypotheses, const References& references) {
  require(hypotheses.size() == references.size(), "cider: one list of references per hypothesis");
  Cider scorer(hypotheses, references);
  std::vector<double> scores;
  for (std::size_t i = 0; i < hypotheses.size(); ++i)
    scores.push_back(scorer.score(hypotheses[i], references[i]));
  return scores;
}

}  // namespace plainsight
