#include "engine/infer/topk_logits.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/kernels/isa/table.h"

namespace plainsight {
namespace {

constexpr std::int64_t kBlockCols = 512;
constexpr std::int64_t kTogether = 84;  // rows that pass through L2 at a time, at most: 172 KB of z
// Sums of exp are taken over this many fixed runs of blocks, and then over the runs:
// the same order for any number of threads.
constexpr std::int64_t kChunks = 16;

FloatBuffer floats(std::int64_t count) {
  return allocate_floats_uninitialized(static_cast<std::size_t>(count));
}

/// Places `word` into a list of at most `count`, largest first; equal ones keep the order in which they come.
void insert(TopLogit* best, std::size_t& found, std::size_t count, TopLogit word) {
  std::size_t at = found < count ? found++ : count - 1;
  for (; at > 0 && word.logit > best[at - 1].logit; --at) best[at] = best[at - 1];
  best[at] = word;
}

}  // namespace

struct TopkLogits::Layer {
  std::int64_t rows;
  const PackedB& W;
  ConstView b;
};

TopkLogits::TopkLogits(std::int64_t rows, std::int64_t hidden, std::int64_t vocab, int k)
    : rows_(rows),
      hidden_(hidden),
      vocab_(vocab),
      k_(static_cast<std::size_t>(k)),
      h_panels_(floats(round_up(rows, kernels().gemm.mr) * kernels().gemm.packed_depth(hidden) + kPackSlack)),
      z_(floats(kChunks * kTogether * kBlockCols)),
      summaries_(static_cast<std::size_t>(kChunks * rows)),
      chunk_top_(summaries_.size() * k_),
      log_sum_exp_(static_cast<std::size_t>(rows)),
      top_(log_sum_exp_.size() * k_) {
  require(0 < k && k <= vocab, "TopkLogits: k is larger than the vocabulary");
}

void TopkLogits::compute(ConstView h, const PackedB& W, ConstView b) {
  const GemmKernels& g = kernels().gemm;
  require(h.rows() <= rows_ && h.cols() == hidden_ && W.K() == hidden_ && W.N() == vocab_ &&
              b.size() == vocab_ && &W.table() == &kernels(),
          "TopkLogits::compute: h[R,H], W[H,V] packed for kernels(), b[V] expected");
  const Layer layer{h.rows(), W, b};
  for (std::int64_t k = 0; k < hidden_; k += g.kc) {
    const std::int64_t depth = std::min<std::int64_t>(g.kc, hidden_ - k);
    g.pack_a(h_panels_.get() + g.packed_depth(k) * round_up(h.rows(), g.mr), h.data + k, hidden_, 1, h.rows(),
             depth, g.packed_depth(depth) * g.mr);
  }
  std::fill(summaries_.begin(), summaries_.end(), Summary{-std::numeric_limits<float>::infinity(), 0.0, 0});
  const std::int64_t blocks = ceil_div(vocab_, kBlockCols);
  parallel_for(kChunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t chunk = begin; chunk < end; ++chunk)
      for (std::int64_t block = blocks * chunk / kChunks; block < blocks * (chunk + 1) / kChunks; ++block)
        look_at_block(layer, block, chunk, z_.get() + begin * kTogether * kBlockCols);
  });
  parallel_for(h.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) join_chunks(r);
  });
}

void TopkLogits::look_at_block(const Layer& layer, std::int64_t block, std::int64_t chunk, float* z) {
  const GemmKernels& g = kernels().gemm;
  const std::int64_t first = block * kBlockCols, n = std::min(kBlockCols, vocab_ - first), K = hidden_;
  const std::int64_t together = kTogether / g.mr * g.mr;
  const float* w = layer.W.panels() + first * g.packed_depth(K);
  for (std::int64_t i = 0; i < layer.rows; i += together) {
    const std::int64_t m = std::min(together, layer.rows - i);
    for (std::int64_t k = 0; k < K; k += g.kc) {
      const std::int64_t depth = std::min<std::int64_t>(g.kc, K - k);
      const float* h =
          h_panels_.get() + g.packed_depth(k) * round_up(layer.rows, g.mr) + i * g.packed_depth(depth);
      g.multiply(z, kBlockCols, g.nr, h, w + g.packed_depth(k) * g.nr, g.packed_depth(K) * g.nr, m, n, depth,
                 k > 0);
    }
    for (std::int64_t r = 0; r < m; ++r) {
      const auto row = static_cast<std::size_t>(chunk * rows_ + i + r);
      float* zr = z + r * kBlockCols;
      kernels().elementwise.add(zr, zr, layer.b.data + first, n);
      look_at_row(summaries_[row], chunk_top_.data() + row * k_, zr, first, n);
    }
  }
}

void TopkLogits::look_at_row(Summary& s, TopLogit* best, const float* z, std::int64_t first,
                             std::int64_t n) const {
  const RowKernels& kernels_of_rows = kernels().row;
  const float max = kernels_of_rows.max(z, n);
  if (max > s.max) {
    s.exp_sum *= std::exp(static_cast<double>(s.max) - static_cast<double>(max));
    s.max = max;
  }
  s.exp_sum += kernels_of_rows.exp_sum(z, n, s.max);
  for (long i = 0; i < n; ++i) {
    if (s.found == k_) {
      const float least = best[k_ - 1].logit;
      if (!(max > least) || (i = kernels_of_rows.find_above(z, i, n, least)) == n) break;
    }
    insert(best, s.found, k_, {z[i], static_cast<std::int32_t>(first + i)});
  }
}

void TopkLogits::join_chunks(std::int64_t r) {
  const auto summary = [&](std::int64_t chunk) -> const Summary& {
    return summaries_[static_cast<std::size_t>(chunk * rows_ + r)];
  };
  float max = summary(0).max;
  for (std::int64_t chunk = 1; chunk < kChunks; ++chunk) max = std::max(max, summary(chunk).max);
  double sum = 0;
  std::size_t found = 0;
  TopLogit* best = top_.data() + static_cast<std::size_t>(r) * k_;
  for (std::int64_t chunk = 0; chunk < kChunks; ++chunk) {
    const Summary& s = summary(chunk);
    if (s.found == 0) continue;  // more runs than blocks
    sum += s.exp_sum * std::exp(static_cast<double>(s.max) - static_cast<double>(max));
    const TopLogit* words = chunk_top_.data() + static_cast<std::size_t>(chunk * rows_ + r) * k_;
    for (std::size_t j = 0; j < s.found; ++j) {
      if (found == k_ && !(words[j].logit > best[k_ - 1].logit)) break;
      insert(best, found, k_, words[j]);
    }
  }
  log_sum_exp_[static_cast<std::size_t>(r)] = static_cast<double>(max) + std::log(sum);
}

}  // namespace plainsight
