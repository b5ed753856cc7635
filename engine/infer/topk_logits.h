#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/arena.h"
#include "engine/infer/output_layer.h"
#include "engine/kernels/gemm/packed_b.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// One of the largest logits of a row, and the output that it belongs to.
struct TopLogit {
  float logit;
  std::int32_t index;
};

/// The output layer as decoding needs it: for each row of z = h W + b the k largest elements, and
/// log(sum(exp(z))). A row's results depend neither on the other rows nor on the number of threads.
class TopkLogits {
 public:
  /// Memory for at most `rows` rows of h[R,hidden]; k <= vocab.
  TopkLogits(std::int64_t rows, std::int64_t hidden, std::int64_t vocab, int k);

  /// h[R,H]  W[H,V]  b[V]; W is packed for kernels().
  void compute(ConstView h, const PackedB& W, ConstView b);

  /// log(sum(exp(z))) of row r of the last compute().
  double log_sum_exp(std::int64_t r) const { return log_sum_exp_[r]; }
  /// The k largest, largest first; of equal ones the lower index first.
  std::span<const TopLogit> top(std::int64_t r) const { return {top_.data() + r * k_, k_}; }

 private:
  /// One row's logits in the blocks of one chunk so far.
  struct Summary {
    float max;
    double exp_sum;     ///< sum of e^(z - max)
    std::size_t found;  ///< how many of the k largest have been found
  };

  void add_block(std::int64_t chunk, std::int64_t r, const float* z, std::int64_t first, std::int64_t n);
  void join_chunks(std::int64_t r);
  std::int64_t at(std::int64_t chunk, std::int64_t r) const { return chunk * layer_.sizes().rows + r; }

  const std::size_t k_;
  Arena memory_;
  OutputLayer layer_;
  float* z_;                         // [workers][row_block,block_cols]
  std::vector<Summary> summaries_;   // [chunks,rows]
  std::vector<TopLogit> chunk_top_;  // [chunks,rows,k]
  std::vector<double> log_sum_exp_;  // [rows]
  std::vector<TopLogit> top_;        // [rows,k]
};

}  // namespace plainsight
