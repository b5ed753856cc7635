#pragma once

namespace plainsight {

/// Reductions of a row of logits, for choosing the next token: each passes over x[n] once.
struct RowKernels {
  float (*max)(const float* x, long n);  ///< n >= 1
  /// Sum of e^(x[i] - shift): in float over 1,024 elements, in double over those sums.
  double (*exp_sum)(const float* x, long n, float shift);
  /// The first i >= begin with x[i] > threshold, or n.
  long (*find_above)(const float* x, long begin, long n, float threshold);
};

}  // namespace plainsight
