#pragma once

#include "engine/kernels/gemm/gemm.h"
#include "engine/tensor/tensor.h"
#include "model/captioner/captioner_step.h"

namespace plainsight {

/// A step on the tuned engine, with packed weights.
class TunedStep final : public CaptionerStep {
 public:
  /// Copies the weights in packed form, except the embedding, whose view must stay valid.
  explicit TunedStep(const CaptionerWeights& weights);

  void start(View h, View c, ConstView features) const override;
  void advance(View h, View c, View x, View gates, std::span<const std::int32_t> tokens) const override;
  void output(View logits, ConstView h) const override;
  std::unique_ptr<TopkOutput> topk_output(std::int64_t rows, int count) const override;

 private:
  ConstView embedding_;
  PackedB img_to_h_, img_to_c_, weight_ih_, weight_hh_, fc_;
  Tensor h_bias_, c_bias_, gate_bias_, fc_bias_;
};

}  // namespace plainsight
