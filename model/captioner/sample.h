#pragma once

#include <cstdint>
#include <vector>

#include "model/captioner/captioner_step.h"
#include "model/captioner/decode_options.h"
#include "model/captioner/hypothesis.h"

namespace plainsight {

/// Ancestral sampling over a group of images: for each row of features[N,D], options.count captions in the
/// order drawn. `first_image` is the index of row 0 in the streams of random numbers.
std::vector<std::vector<Hypothesis>> sample(const CaptionerStep& step, SpecialIds ids, ConstView features,
                                            const DecodeOptions& options, std::int64_t first_image);

}  // namespace plainsight
