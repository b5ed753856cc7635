#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/captioner/captioner_step.h"
#include "model/captioner/decode_options.h"
#include "model/captioner/hypothesis.h"

namespace plainsight {

/// Turns image features into captions. Many images share each matrix product. On the tuned engine, the bits
/// of a caption depend neither on the other images nor on the number of threads. Uses no tape.
class Decoder {
 public:
  Decoder(const CaptionerWeights& weights, SpecialIds ids) : step_(make_captioner_step(weights)), ids_(ids) {}

  const CaptionerShape& shape() const { return step_->shape(); }

  /// Returns, for each row of features[N,D], options.count captions, best first (sample: in the order drawn).
  /// `first_image` is the index of row 0 for `sample`, so that images may come in several calls.
  std::vector<std::vector<Hypothesis>> decode(ConstView features, const DecodeOptions& options,
                                              std::int64_t first_image = 0) const;

 private:
  std::unique_ptr<const CaptionerStep> step_;
  SpecialIds ids_;
};

}  // namespace plainsight
