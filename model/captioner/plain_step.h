#pragma once

#include "model/captioner/captioner_step.h"

namespace plainsight {

/// A step on the plain engine: whole rows of logits, and weights where they lie in the file's mapping, which
/// must outlive it.
class PlainStep final : public CaptionerStep {
 public:
  explicit PlainStep(const CaptionerWeights& weights) : CaptionerStep(weights.shape), w_(weights) {}

  void start(View h, View c, ConstView features) const override;
  void advance(View h, View c, View x, View gates, std::span<const std::int32_t> tokens) const override;
  void output(View logits, ConstView h) const override;
  std::unique_ptr<TopkOutput> topk_output(std::int64_t rows, int count) const override;

 private:
  CaptionerWeights w_;
};

}  // namespace plainsight
