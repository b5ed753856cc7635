#pragma once

#include <cstdint>
#include <vector>

namespace plainsight {

/// The ids that begin and end captions.
struct SpecialIds {
  std::int32_t sos, eos, pad;

  /// Whether a caption is complete with this token.
  bool ends(std::int32_t token) const { return token == eos || token == pad; }
};

/// One caption: the ids chosen after <SOS>, with <EOS> or [PAD] if it ended by one, and the sum of the
/// natural logarithms of their probabilities under the model (at temperature 1).
struct Hypothesis {
  std::vector<std::int32_t> tokens;
  double log_probability = 0;
};

}  // namespace plainsight
