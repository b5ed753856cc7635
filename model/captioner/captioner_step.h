#pragma once

#include <cstdint>
#include <span>

#include "engine/infer/topk_logits.h"
#include "engine/kernels/gemm/gemm.h"
#include "model/captioner/captioner_weights.h"

namespace plainsight {

/// The captioner one word at a time, for inference: weights packed once, state carried from step to step.
/// Rows are independent: row r of every result depends on row r of the inputs only, to the bit.
class CaptionerStep {
 public:
  /// Copies what it needs in packed form, except the embedding, whose view must stay valid.
  explicit CaptionerStep(const CaptionerWeights& weights);

  const CaptionerShape& shape() const { return shape_; }

  /// h = tanh(Wh x + bh), c = tanh(Wc x + bc).   x[R,D]  h[R,H]  c[R,H]
  void start(View h, View c, ConstView features) const;

  /// One LSTM step on the embeddings of `tokens` (R ids in [0,V)): h[R,H] and c[R,H] are updated in place;
  /// x[R,E] and gates[R,4H] are scratch.
  void advance(View h, View c, View x, View gates, std::span<const std::int32_t> tokens) const;
  /// The output layer: logits[R,V] of h[R,H].
  void output(View logits, ConstView h) const;
  /// Both, one after the other.
  void advance(View logits, View h, View c, View x, View gates, std::span<const std::int32_t> tokens) const {
    advance(h, c, x, gates, tokens);
    output(logits, h);
  }
  /// The output layer as beam search needs it: only the largest logits of each row, and log-sum-exp.
  void output(TopkLogits& topk, ConstView h) const { topk.compute(h, fc_, fc_bias_); }

 private:
  CaptionerShape shape_;
  ConstView embedding_;
  PackedB img_to_h_, img_to_c_, weight_ih_, weight_hh_, fc_;
  Tensor h_bias_, c_bias_, gate_bias_, fc_bias_;
};

}  // namespace plainsight
