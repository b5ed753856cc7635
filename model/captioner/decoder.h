#pragma once

#include <cstdint>
#include <vector>

#include "model/captioner/captioner_step.h"

namespace plainsight {

/// How a caption is chosen among all possible ones; docs/math/decoding.md has the formulas.
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

  /// Throws UsageError naming the option (as the command line spells it) that is out of range.
  void check() const;
};

/// The ids that begin and end captions.
struct SpecialIds {
  std::int32_t sos, eos, pad;
};

/// One caption: the ids chosen after <SOS>, with <EOS> or [PAD] if it ended by one, and the sum of the
/// natural logarithms of their probabilities under the model (whatever the temperature).
struct Hypothesis {
  std::vector<std::int32_t> tokens;
  double log_probability = 0;
};

/// Turns image features into captions. Many images share each product; a caption's bits do not depend on the
/// images beside it or on the number of threads. Uses no tape.
class Decoder {
 public:
  Decoder(const CaptionerWeights& weights, SpecialIds ids) : step_(weights), ids_(ids) {}

  const CaptionerShape& shape() const { return step_.shape(); }

  /// For each row of features[N,D], options.count captions, best first (sample: in the order drawn).
  /// `first_image` numbers row 0 for `sample`, so that images may come in several calls.
  std::vector<std::vector<Hypothesis>> decode(ConstView features, const DecodeOptions& options,
                                              std::int64_t first_image = 0) const;

 private:
  CaptionerStep step_;
  SpecialIds ids_;
};

}  // namespace plainsight
