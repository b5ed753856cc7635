#pragma once

#include <vector>

#include "model/captioner/captioner_step.h"
#include "model/captioner/decode_options.h"
#include "model/captioner/hypothesis.h"

namespace plainsight {

/// Beam search over a group of images, for each row of features[N,D] its options.count best captions, best
/// first. Greedy decoding is a beam of one.
std::vector<std::vector<Hypothesis>> beam_search(const CaptionerStep& step, SpecialIds ids,
                                                 ConstView features, const DecodeOptions& options);

}  // namespace plainsight
