#include "model/captioner/sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "model/captioner/decode_state.h"
#include "model/captioner/logits.h"

namespace plainsight {
namespace {

/// Draws tokens from softmax(logits / temperature), restricted by top_k and top_p.
class TokenSampler {
 public:
  TokenSampler(const DecodeOptions& options, std::size_t vocab)
      : options_(options), order_(vocab), p_(vocab) {}

  std::int32_t draw(std::span<const float> logits, TorchGenerator& random) {
    std::iota(order_.begin(), order_.end(), 0);
    weigh(logits);
    restrict_to_likeliest(logits);
    // Inversion: the first token at which the running sum exceeds a uniform share of the total.
    const double u = random.uniform_double() * total_;
    double sum = 0;
    for (std::size_t i = 0; i < kept_; ++i) {
      sum += p_[order_[i]];
      if (u < sum) return order_[i];
    }
    return order_[kept_ - 1];  // u reached the total by rounding
  }

 private:
  /// p = e^((logit - max) / temperature), not divided by its sum `total_`. Keeps all tokens, in order of id.
  void weigh(std::span<const float> logits) {
    const float max = *std::max_element(logits.begin(), logits.end());
    total_ = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      p_[i] = std::exp(static_cast<double>(logits[i] - max) / options_.temperature);
      total_ += p_[i];
    }
    kept_ = logits.size();
  }

  /// Keeps the first kept_ tokens in order of likelihood: at most top_k, then the fewest that reach top_p.
  void restrict_to_likeliest(std::span<const float> logits) {
    if (options_.top_k > 0) kept_ = std::min<std::size_t>(kept_, options_.top_k);
    if (kept_ == logits.size() && options_.top_p >= 1) return;
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::int32_t a, std::int32_t b) { return logits[a] > logits[b]; });
    total_ = 0;
    for (std::size_t i = 0; i < kept_; ++i) total_ += p_[order_[i]];
    if (options_.top_p >= 1) return;
    double sum = 0;
    for (std::size_t i = 0; i < kept_; ++i) {
      sum += p_[order_[i]];
      if (sum < options_.top_p * total_) continue;
      kept_ = i + 1;
      total_ = sum;
      return;
    }
  }

  const DecodeOptions& options_;
  std::vector<std::int32_t> order_;
  std::vector<double> p_;
  double total_ = 0;
  std::size_t kept_ = 0;
};

/// A caption being drawn. Each has a separate random stream, so it does not depend on the others.
struct Draft {
  std::size_t image, index;  ///< it is caption `index` of its image
  TorchGenerator random;
  std::int32_t row;    ///< of the state that it continues
  std::int32_t token;  ///< the last one drawn
};

std::vector<Draft> begin_drafts(std::size_t images, SpecialIds ids, const DecodeOptions& options,
                                std::int64_t first_image) {
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < images; ++i)
    for (std::uint64_t j = 0; j < static_cast<std::uint64_t>(options.count); ++j)
      drafts.push_back({i, j, TorchGenerator(derive_seed(options.seed, first_image + i, j)),
                        static_cast<std::int32_t>(i), ids.sos});
  return drafts;
}

}  // namespace

std::vector<std::vector<Hypothesis>> sample(const CaptionerStep& step, SpecialIds ids, ConstView features,
                                            const DecodeOptions& options, std::int64_t first_image) {
  const std::size_t images = features.rows();
  const std::size_t vocab = step.shape().vocab;
  std::vector<std::vector<Hypothesis>> result(images, std::vector<Hypothesis>(options.count));
  std::vector<Draft> drafts = begin_drafts(images, ids, options, first_image);
  const auto rows = static_cast<std::int64_t>(drafts.size());
  std::vector<std::int32_t> parents, tokens;
  DecodeState state(step, rows);
  state.start(features);
  Tensor all_logits = Tensor::uninitialized({rows, step.shape().vocab});
  for (int length = 1; length < options.max_length && !drafts.empty(); ++length) {
    // The state of each draft, advanced by its last token.
    parents.clear();
    tokens.clear();
    for (const Draft& draft : drafts) {
      parents.push_back(draft.row);
      tokens.push_back(draft.token);
    }
    state.select(parents);
    state.advance(tokens);
    const View logits = all_logits.view().slice(0, static_cast<std::int64_t>(drafts.size()));
    step.output(logits, state.h());

    // One token for each.
    parallel_for(logits.rows(), 1, [&](std::int64_t begin, std::int64_t end) {
      TokenSampler sampler(options, vocab);
      for (std::int64_t r = begin; r < end; ++r) {
        Draft& draft = drafts[r];
        const std::span<const float> row(logits.row(r), vocab);
        draft.token = sampler.draw(row, draft.random);
        draft.row = static_cast<std::int32_t>(r);
        Hypothesis& h = result[draft.image][draft.index];
        h.tokens.push_back(draft.token);
        h.log_probability += row[draft.token] - log_sum_exp(row);
      }
    });
    std::erase_if(drafts, [&](const Draft& draft) { return ids.ends(draft.token); });
  }
  return result;
}

}  // namespace plainsight
