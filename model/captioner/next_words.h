#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/gemm/gemm.h"

namespace plainsight {

/// A word that may come next, and its logit.
struct NextWord {
  float logit;
  std::int32_t token;
};

/// What a search asks of the output layer z = h W + b for each row: log(sum(exp(z))) and the largest elements
/// of z. The vocabulary is taken in blocks, and each is looked at while it is in cache: the logits of a whole
/// row never exist. A row's results do not depend on the rows beside it or on the number of threads.
class NextWords {
 public:
  /// For at most `rows` rows of `hidden` numbers, the `count` likeliest of `vocab` words each;
  /// count <= vocab.
  NextWords(std::int64_t rows, std::int64_t hidden, std::int64_t vocab, int count);

  /// h[R,H]  W[H,V]  b[V]; W is packed for kernels().
  void find(ConstView h, const PackedB& W, ConstView b);

  /// Of row r of the last find().
  double log_sum_exp(std::int64_t r) const { return log_sum_exp_[static_cast<std::size_t>(r)]; }
  /// Likeliest first; of equal ones the lower id.
  std::span<const NextWord> best(std::int64_t r) const {
    return {best_.data() + static_cast<std::size_t>(r) * count_, count_};
  }

 private:
  struct Summary;
  struct Layer;
  void look_at_block(const Layer& layer, std::int64_t block, std::int64_t chunk, float* z);
  void look_at_row(Summary& s, NextWord* best, const float* z, std::int64_t first, std::int64_t n) const;
  void join_chunks(std::int64_t r);

  /// Of one row's logits in one run of blocks.
  struct Summary {
    float max;
    double exp_sum;  ///< sum of e^(z - max)
    std::size_t found;
  };

  const std::int64_t rows_, hidden_, vocab_;
  const std::size_t count_;
  FloatBuffer h_panels_, z_;
  std::vector<Summary> summaries_;    // [chunks,rows]
  std::vector<NextWord> chunk_best_;  // [chunks,rows,count]
  std::vector<double> log_sum_exp_;   // [rows]
  std::vector<NextWord> best_;        // [rows,count]
};

}  // namespace plainsight
