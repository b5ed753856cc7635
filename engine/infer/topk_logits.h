#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/gemm/gemm.h"

namespace plainsight {

/// One of the largest logits of a row, and the output it belongs to.
struct TopLogit {
  float logit;
  std::int32_t index;
};

/// The output layer as decoding needs it: for each row of z = h W + b the k largest elements and
/// log(sum(exp(z))). The vocabulary is taken in blocks, and each is used while it is in cache: a whole row of
/// logits never exists. A row's results depend neither on the other rows nor on the number of threads.
class TopkLogits {
 public:
  /// For at most `rows` rows of h[R,hidden]; k <= vocab.
  TopkLogits(std::int64_t rows, std::int64_t hidden, std::int64_t vocab, int k);

  /// h[R,H]  W[H,V]  b[V]; W is packed for kernels().
  void compute(ConstView h, const PackedB& W, ConstView b);

  /// Of row r of the last compute().
  double log_sum_exp(std::int64_t r) const { return log_sum_exp_[r]; }
  /// The k largest, largest first; of equal ones the lower index first.
  std::span<const TopLogit> top(std::int64_t r) const { return {top_.data() + r * k_, k_}; }

 private:
  struct Summary;
  struct Layer;
  void look_at_block(const Layer& layer, std::int64_t block, std::int64_t chunk, float* z);
  void look_at_row(Summary& s, TopLogit* best, const float* z, std::int64_t first, std::int64_t n) const;
  void join_chunks(std::int64_t r);

  /// Of one row's logits in one run of blocks.
  struct Summary {
    float max;
    double exp_sum;  ///< sum of e^(z - max)
    std::size_t found;
  };

  const std::int64_t rows_, hidden_, vocab_;
  const std::size_t k_;
  FloatBuffer h_panels_, z_;
  std::vector<Summary> summaries_;   // [chunks,rows]
  std::vector<TopLogit> chunk_top_;  // [chunks,rows,k]
  std::vector<double> log_sum_exp_;  // [rows]
  std::vector<TopLogit> top_;        // [rows,k]
};

}  // namespace plainsight
