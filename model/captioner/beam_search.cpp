#include <algorithm>
#include <cmath>

#include "model/captioner/search.h"

namespace plainsight {
namespace {

/// One possible next hypothesis: the one in `row`, extended by `token`.
struct Extension {
  double log_probability;
  std::int32_t row, token;
};

/// The search of one image: how many hypotheses may still be alive, and those that have ended.
struct Beam {
  int slots;
  std::vector<Hypothesis> ended;
};

/// A hypothesis that may grow, and its image. Those of one image stand beside each other.
struct Live {
  std::int32_t image;
  Hypothesis hypothesis;
};

class BeamSearch {
 public:
  BeamSearch(const CaptionerStep& step, SpecialIds ids, ConstView features, const DecodeOptions& options)
      : ids_(ids),
        options_(options),
        width_(options.method == DecodeOptions::Method::greedy ? 1 : options.beam),
        step_(step),
        state_(step, features.rows() * width_),
        topk_(features.rows() * width_, step.shape().hidden, step.shape().vocab,
              static_cast<int>(std::min<std::int64_t>(width_, step.shape().vocab))),
        beams_(static_cast<std::size_t>(features.rows()), Beam{width_, {}}) {
    state_.start(features);
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(features.rows()); ++i) live_.push_back({i, {}});
    tokens_.assign(live_.size(), ids.sos);
  }

  std::vector<std::vector<Hypothesis>> run() {
    for (int length = 1; length < options_.max_length && !live_.empty(); ++length) {
      state_.advance(tokens_);
      step_.output(topk_, state_.h());
      extend();
      keep_best();
    }
    for (Live& l : live_) beams_[static_cast<std::size_t>(l.image)].ended.push_back(std::move(l.hypothesis));
    std::vector<std::vector<Hypothesis>> result;
    for (Beam& b : beams_) result.push_back(ranked(std::move(b.ended)));
    return result;
  }

 private:
  /// For each live hypothesis its best extensions, as many as its image had slots at first
  /// (more can never be kept).
  void extend() {
    extensions_.clear();
    for (std::size_t r = 0; r < live_.size(); ++r) {
      const auto row = static_cast<std::int32_t>(r);
      const double base = live_[r].hypothesis.log_probability - topk_.log_sum_exp(row);
      for (const TopLogit& top : topk_.top(row))
        extensions_.push_back({base + static_cast<double>(top.logit), row, top.index});
    }
  }

  /// Of each image's extensions the best become its live hypotheses; one that ends leaves, and its slot with
  /// it. When none can win any more, all leave: one alone would free its place for an extension that may end,
  /// and so take a slot from one that can win.
  void keep_best() {
    const std::size_t per_row = extensions_.size() / live_.size();
    std::vector<Live> next;
    std::vector<std::int32_t> parents;
    tokens_.clear();
    for (std::size_t first = 0, last = 0; first < live_.size(); first = last) {
      const std::int32_t image = live_[first].image;
      while (last < live_.size() && live_[last].image == image) ++last;
      Beam& beam = beams_[static_cast<std::size_t>(image)];
      const auto begin = extensions_.begin() + static_cast<std::ptrdiff_t>(first * per_row);
      const auto end = extensions_.begin() + static_cast<std::ptrdiff_t>(last * per_row);
      // Stable: of equal ones the better parent's, then the lower id's, comes first.
      std::stable_sort(begin, end, [](const Extension& a, const Extension& b) {
        return a.log_probability > b.log_probability;
      });
      const std::size_t best = next.size();
      const auto kept = begin + std::min<std::ptrdiff_t>(beam.slots, end - begin);
      for (auto e = begin; e != kept; ++e) {
        Hypothesis h = live_[static_cast<std::size_t>(e->row)].hypothesis;
        h.tokens.push_back(e->token);
        h.log_probability = e->log_probability;
        if (e->token == ids_.eos || e->token == ids_.pad) {
          beam.ended.push_back(std::move(h));
          --beam.slots;
        } else {
          next.push_back({image, std::move(h)});
          parents.push_back(e->row);
          tokens_.push_back(e->token);
        }
      }
      if (best < next.size() && !may_win(next[best].hypothesis, beam)) {
        next.resize(best);
        parents.resize(best);
        tokens_.resize(best);
      }
    }
    state_.select(parents);
    live_ = std::move(next);
  }

  double score(double log_probability, std::size_t length) const {
    return log_probability / std::pow(static_cast<double>(length), options_.length_penalty);
  }
  double score(const Hypothesis& h) const { return score(h.log_probability, h.tokens.size()); }

  /// Whether a live hypothesis can still be among the best options_.count. Its log p only falls, so its score
  /// is at most what it would be had it the longest length already. If the best of an image cannot, none can.
  bool may_win(const Hypothesis& h, const Beam& beam) const {
    constexpr double kRounding = 1e-3;  // by which rounding may raise a log p over a caption, and much more
    const auto longest = static_cast<std::size_t>(options_.max_length - 1);
    const double bound = score(h.log_probability + kRounding, longest);
    const auto better = std::count_if(beam.ended.begin(), beam.ended.end(),
                                      [&](const Hypothesis& ended) { return score(ended) > bound; });
    return better < options_.count;
  }

  std::vector<Hypothesis> ranked(std::vector<Hypothesis> hypotheses) const {
    std::stable_sort(hypotheses.begin(), hypotheses.end(),
                     [&](const Hypothesis& a, const Hypothesis& b) { return score(a) > score(b); });
    hypotheses.resize(std::min(hypotheses.size(), static_cast<std::size_t>(options_.count)));
    return hypotheses;
  }

  SpecialIds ids_;
  const DecodeOptions& options_;
  int width_;
  const CaptionerStep& step_;
  DecodeState state_;
  TopkLogits topk_;
  std::vector<Beam> beams_;
  std::vector<Live> live_;
  std::vector<std::int32_t> tokens_;
  std::vector<Extension> extensions_;
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(const CaptionerStep& step, SpecialIds ids,
                                                 ConstView features, const DecodeOptions& options) {
  return BeamSearch(step, ids, features, options).run();
}

}  // namespace plainsight
