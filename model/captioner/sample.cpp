#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "model/captioner/search.h"

namespace plainsight {
namespace {

/// Draws a token from softmax(row / temperature), restricted as top_k and top_p say.
/// `order` and `p` are scratch of the row's size.
std::int32_t draw(std::span<const float> row, const DecodeOptions& options, TorchGenerator& random,
                  std::vector<std::int32_t>& order, std::vector<double>& p) {
  std::iota(order.begin(), order.end(), 0);
  const float m = *std::max_element(row.begin(), row.end());
  double total = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    p[i] = std::exp(static_cast<double>(row[i] - m) / options.temperature);
    total += p[i];
  }
  std::size_t kept = row.size();
  if (options.top_k > 0) kept = std::min(kept, static_cast<std::size_t>(options.top_k));
  if (kept < row.size() || options.top_p < 1) {
    std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
      return row[static_cast<std::size_t>(a)] > row[static_cast<std::size_t>(b)];
    });
    total = 0;
    for (std::size_t i = 0; i < kept; ++i) total += p[static_cast<std::size_t>(order[i])];
    double sum = 0;
    for (std::size_t i = 0; i < kept && options.top_p < 1; ++i) {
      sum += p[static_cast<std::size_t>(order[i])];
      if (sum >= options.top_p * total) {
        kept = i + 1;
        total = sum;
      }
    }
  }
  const double u = random.uniform_double() * total;
  double sum = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    sum += p[static_cast<std::size_t>(order[i])];
    if (u < sum) return order[i];
  }
  return order[kept - 1];  // u reached the total by rounding
}

/// A caption being drawn, with its own stream of random numbers, so that it does not depend on its
/// neighbours.
struct Draft {
  std::size_t image, number;
  TorchGenerator random;
  bool alive = true;
};

}  // namespace

std::vector<std::vector<Hypothesis>> sample(const CaptionerStep& step, SpecialIds ids, ConstView features,
                                            const DecodeOptions& options, std::int64_t first_image) {
  const auto images = static_cast<std::size_t>(features.rows());
  const auto count = static_cast<std::size_t>(options.count);
  const auto vocab = static_cast<std::size_t>(step.shape().vocab);
  std::vector<std::vector<Hypothesis>> result(images, std::vector<Hypothesis>(count));
  std::vector<Draft> drafts;
  std::vector<std::int32_t> parents, tokens(images * count, ids.sos);
  for (std::size_t i = 0; i < images; ++i) {
    for (std::size_t j = 0; j < count; ++j) {
      const auto image = static_cast<std::uint64_t>(first_image) + i;
      drafts.push_back({i, j, TorchGenerator(derive_seed(options.seed, image, j))});
      parents.push_back(static_cast<std::int32_t>(i));
    }
  }
  DecodeState state(step, static_cast<std::int64_t>(drafts.size()));
  state.start(features);
  Tensor scores = Tensor::uninitialized({static_cast<std::int64_t>(drafts.size()), step.shape().vocab});
  for (int length = 1; length < options.max_length && !drafts.empty(); ++length) {
    state.select(parents);
    state.advance(tokens);
    const View logits = scores.view().slice(0, static_cast<std::int64_t>(drafts.size()));
    step.output(logits, state.h());
    parallel_for(static_cast<std::int64_t>(drafts.size()), 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<std::int32_t> order(vocab);
      std::vector<double> p(vocab);
      for (std::int64_t r = begin; r < end; ++r) {
        Draft& draft = drafts[static_cast<std::size_t>(r)];
        const std::span<const float> row(logits.row(r), vocab);
        const std::int32_t token = draw(row, options, draft.random, order, p);
        Hypothesis& h = result[draft.image][draft.number];
        h.tokens.push_back(token);
        h.log_probability += row[static_cast<std::size_t>(token)] - log_sum_exp(row);
        draft.alive = token != ids.eos && token != ids.pad;
      }
    });
    parents.clear();
    tokens.clear();
    std::size_t kept = 0;
    for (std::size_t r = 0; r < drafts.size(); ++r) {
      if (!drafts[r].alive) continue;
      parents.push_back(static_cast<std::int32_t>(r));
      tokens.push_back(result[drafts[r].image][drafts[r].number].tokens.back());
      if (kept != r) drafts[kept] = drafts[r];
      ++kept;
    }
    drafts.erase(drafts.begin() + static_cast<std::ptrdiff_t>(kept), drafts.end());
  }
  return result;
}

}  // namespace plainsight
