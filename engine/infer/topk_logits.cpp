#include "engine/infer/topk_logits.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/table.h"

namespace plainsight {
namespace {

constexpr std::int64_t kBlockCols = 512;
constexpr std::int64_t kRowBlock = 84;  // 172 KB of logits

/// Inserts `logit` into a list of at most k, largest first; equal ones keep the order of insertion.
void insert(TopLogit* top, std::size_t& found, std::size_t k, TopLogit logit) {
  std::size_t at = found < k ? found++ : k - 1;
  for (; at > 0 && logit.logit > top[at - 1].logit; --at) top[at] = top[at - 1];
  top[at] = logit;
}

}  // namespace

TopkLogits::TopkLogits(std::int64_t rows, std::int64_t hidden, std::int64_t vocab, int k)
    : k_(k),
      layer_(kernels(), {rows, hidden, vocab, kBlockCols, kRowBlock}, memory_),
      z_(memory_.allocate_array<float>(layer_.workers() * layer_.z_size())),
      summaries_(OutputLayer::kChunks * rows),
      chunk_top_(summaries_.size() * k_),
      log_sum_exp_(rows),
      top_(log_sum_exp_.size() * k_) {
  require(0 < k && k <= vocab, "TopkLogits: k is larger than the vocabulary");
}

void TopkLogits::compute(ConstView h, const PackedB& W, ConstView b) {
  const OutputLayer::Sizes& s = layer_.sizes();
  require(W.K() == s.hidden && W.N() == s.vocab && b.size() == s.vocab && &W.table() == &kernels(),
          "TopkLogits::compute: h[R,H], W[H,V] packed for kernels(), b[V] expected");
  layer_.set_rows(h);
  std::fill(summaries_.begin(), summaries_.end(), Summary{-std::numeric_limits<float>::infinity(), 0.0, 0});
  // Chunks in parallel: each keeps a summary for every row, updated while the block's logits are in L2.
  layer_.for_each_chunk([&](std::int64_t chunk, std::int64_t worker) {
    float* const z = z_ + worker * layer_.z_size();
    layer_.for_each_block_of(chunk, [&](const OutputLayer::Block& block) {
      const PackedPanels W_block = W.panels().slice_rows(block.first, block.cols);
      layer_.for_each_row_block(W_block, z, [&](std::int64_t row, std::int64_t count) {
        for (std::int64_t r = 0; r < count; ++r) {
          float* const z_row = z + r * kBlockCols;
          kernels().elementwise.add(z_row, z_row, b.data + block.first, block.cols);
          add_block(chunk, row + r, z_row, block.first, block.cols);
        }
      });
    });
  });
  // Then rows in parallel: their summaries over the chunks.
  parallel_for(h.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) join_chunks(r);
  });
}

/// Adds logits z[n] of outputs from `first` on to row r's summary.
void TopkLogits::add_block(std::int64_t chunk, std::int64_t r, const float* z, std::int64_t first,
                           std::int64_t n) {
  const RowKernels& row_kernels = kernels().row;
  Summary& s = summaries_[at(chunk, r)];
  // The sum so far is rescaled where this block has a larger maximum: "online softmax".
  const float max = row_kernels.max(z, n);
  if (max > s.max) {
    s.exp_sum *= std::exp(static_cast<double>(s.max) - static_cast<double>(max));
    s.max = max;
  }
  s.exp_sum += row_kernels.exp_sum(z, n, s.max);
  // Once k are found, only elements above the least of them matter: most blocks have none.
  TopLogit* const top = chunk_top_.data() + at(chunk, r) * k_;
  for (long i = 0; i < n; ++i) {
    if (s.found == k_) {
      const float least = top[k_ - 1].logit;
      if (!(max > least) || (i = row_kernels.find_above(z, i, n, least)) == n) break;
    }
    insert(top, s.found, k_, {z[i], static_cast<std::int32_t>(first + i)});
  }
}

/// Row r's results over all chunks, in their order.
void TopkLogits::join_chunks(std::int64_t r) {
  // The common maximum first: each chunk's sum is rescaled to it.
  float max = summaries_[at(0, r)].max;
  for (std::int64_t chunk = 1; chunk < OutputLayer::kChunks; ++chunk)
    max = std::max(max, summaries_[at(chunk, r)].max);
  double sum = 0;
  std::size_t found = 0;
  TopLogit* const top = top_.data() + r * k_;
  for (std::int64_t chunk = 0; chunk < OutputLayer::kChunks; ++chunk) {
    const Summary& s = summaries_[at(chunk, r)];
    if (s.found == 0) continue;  // a chunk without blocks
    sum += s.exp_sum * std::exp(static_cast<double>(s.max) - static_cast<double>(max));
    const TopLogit* const more = chunk_top_.data() + at(chunk, r) * k_;
    for (std::size_t j = 0; j < s.found; ++j) {
      if (found == k_ && !(more[j].logit > top[k_ - 1].logit)) break;
      insert(top, found, k_, more[j]);
    }
  }
  log_sum_exp_[r] = static_cast<double>(max) + std::log(sum);
}

}  // namespace plainsight
