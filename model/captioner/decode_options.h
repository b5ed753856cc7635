#pragma once

#include <cstdint>

namespace plainsight {

/// How a caption is chosen among all possible ones; docs/course/decoding.md has the formulas.
struct DecodeOptions {
  enum class Method { greedy, beam, sample };
  Method method = Method::beam;
  int beam = 3;               ///< hypotheses kept alive per image, 1 to 64
  double length_penalty = 0;  ///< beams are ranked by log p / length^length_penalty
  double temperature = 0.8;   ///< sample: logits are divided by it; (0, 100]
  int top_k = 0;              ///< sample: only the k likeliest tokens; 0: all
  double top_p = 1;           ///< sample: the fewest likeliest tokens whose probabilities reach it; (0, 1]
  std::uint64_t seed = 0;     ///< sample: image i's j-th caption is a function of (seed, i, j)
  int max_length = 31;        ///< ids of a caption at most, the first (<SOS>) counted; at least 2
  int count = 1;              ///< captions per image; greedy: 1, beam: at most `beam`

  /// Hypotheses of one image that are alive at the same time.
  int rows_per_image() const { return method == Method::sample ? count : method == Method::beam ? beam : 1; }

  /// Throws UsageError naming the option (as the command line spells it) that is out of range.
  void check() const;
};

}  // namespace plainsight
