#include "model/captioner/beam_search.h"

#include <algorithm>
#include <cmath>

#include "model/captioner/decode_state.h"

namespace plainsight {
namespace {

/// A candidate for the next step: the hypothesis in `row`, extended by `token`.
struct Extension {
  double log_probability;
  std::int32_t row, token;
};

/// The search of one image: how many hypotheses may still be alive, and those that have ended.
struct Beam {
  int slots;
  std::vector<Hypothesis> ended;
};

/// A hypothesis that may grow, its image, and the row whose LSTM state it continues. Those of one image are
/// adjacent, best first.
struct Live {
  std::int32_t image, parent;
  Hypothesis hypothesis;
};

class BeamSearch {
 public:
  BeamSearch(const CaptionerStep& step, SpecialIds ids, ConstView features, const DecodeOptions& options)
      : ids_(ids),
        options_(options),
        width_(options.rows_per_image()),
        state_(step, features.rows() * width_),
        topk_(step.topk_output(features.rows() * width_,
                               static_cast<int>(std::min<std::int64_t>(width_, step.shape().vocab)))),
        beams_(features.rows(), Beam{width_, {}}) {
    state_.start(features);
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(features.rows()); ++i) live_.push_back({i, i, {}});
  }

  std::vector<std::vector<Hypothesis>> run() {
    for (int length = 1; length < options_.max_length && !live_.empty(); ++length) {
      advance();
      extend();
      keep_best();
    }
    for (Live& l : live_) beams_[l.image].ended.push_back(std::move(l.hypothesis));
    std::vector<std::vector<Hypothesis>> result;
    for (Beam& b : beams_) result.push_back(ranked(std::move(b.ended)));
    return result;
  }

 private:
  /// Row r of the state becomes that of live_[r]: its parent's, advanced by its last token.
  void advance() {
    parents_.clear();
    tokens_.clear();
    for (const Live& l : live_) {
      parents_.push_back(l.parent);
      tokens_.push_back(l.hypothesis.tokens.empty() ? ids_.sos : l.hypothesis.tokens.back());
    }
    state_.select(parents_);
    state_.advance(tokens_);
    topk_->compute(state_.h());
  }

  /// Finds the best extensions of each live hypothesis: as many as its image's slots at the start, since more
  /// can never be kept.
  void extend() {
    extensions_.clear();
    for (std::size_t r = 0; r < live_.size(); ++r) {
      const auto row = static_cast<std::int32_t>(r);
      const double base = live_[r].hypothesis.log_probability - topk_->log_sum_exp(row);
      for (const TopLogit& top : topk_->top(row))
        extensions_.push_back({base + static_cast<double>(top.logit), row, top.index});
    }
  }

  /// Replaces each image's live hypotheses by the best of their extensions.
  void keep_best() {
    const std::size_t per_row = extensions_.size() / live_.size();
    next_.clear();
    for (std::size_t first = 0, last = 0; first < live_.size(); first = last) {
      const std::int32_t image = live_[first].image;
      while (last < live_.size() && live_[last].image == image) ++last;
      keep_best_of(image, std::span(extensions_).subspan(first * per_row, (last - first) * per_row));
    }
    std::swap(live_, next_);
  }

  /// The same for one image. A hypothesis that ends leaves its slot empty.
  void keep_best_of(std::int32_t image, std::span<Extension> extensions) {
    Beam& beam = beams_[image];
    // Stable: of equal ones the better parent's, then the lower id's, comes first.
    std::ranges::stable_sort(extensions, std::ranges::greater(), &Extension::log_probability);
    const std::size_t kept = std::min<std::size_t>(beam.slots, extensions.size()), begin = next_.size();
    for (const Extension& e : extensions.first(kept)) {
      Hypothesis h = live_[e.row].hypothesis;
      h.tokens.push_back(e.token);
      h.log_probability = e.log_probability;
      if (ids_.ends(e.token)) {
        beam.ended.push_back(std::move(h));
        --beam.slots;
      } else {
        next_.push_back({image, e.row, std::move(h)});
      }
    }
    // Prune per image, never per hypothesis: dropping one lets a worse one in, which may end and use up a
    // slot that a winner needs.
    if (begin < next_.size() && !may_win(next_[begin].hypothesis, beam)) next_.resize(begin);
  }

  double score(double log_probability, std::size_t length) const {
    return log_probability / std::pow(static_cast<double>(length), options_.length_penalty);
  }
  double score(const Hypothesis& h) const { return score(h.log_probability, h.tokens.size()); }

  /// Whether a live hypothesis can still be among the best options_.count. Its log p can only fall, so its
  /// score is at most that of the same log p at the maximum length. If the best of an image cannot win,
  /// none can.
  bool may_win(const Hypothesis& h, const Beam& beam) const {
    constexpr double kRounding = 1e-3;  // rounding raises a log p by far less over a whole caption
    const std::size_t longest = options_.max_length - 1;
    const double bound = score(h.log_probability + kRounding, longest);
    const auto better =
        std::ranges::count_if(beam.ended, [&](const Hypothesis& ended) { return score(ended) > bound; });
    return better < options_.count;
  }

  std::vector<Hypothesis> ranked(std::vector<Hypothesis> hypotheses) const {
    std::ranges::stable_sort(hypotheses, std::ranges::greater(),
                             [&](const Hypothesis& h) { return score(h); });
    hypotheses.resize(std::min<std::size_t>(hypotheses.size(), options_.count));
    return hypotheses;
  }

  SpecialIds ids_;
  const DecodeOptions& options_;
  int width_;  ///< hypotheses of one image
  DecodeState state_;
  std::unique_ptr<TopkOutput> topk_;
  std::vector<Beam> beams_;        ///< one per image
  std::vector<Live> live_, next_;  ///< of this step and, while it is being made, of the next
  std::vector<std::int32_t> parents_, tokens_;
  std::vector<Extension> extensions_;  ///< of live_[0], then of live_[1], ...: as many for each
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(const CaptionerStep& step, SpecialIds ids,
                                                 ConstView features, const DecodeOptions& options) {
  return BeamSearch(step, ids, features, options).run();
}

}  // namespace plainsight
