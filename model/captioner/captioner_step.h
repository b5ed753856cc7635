#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/infer/topk_logits.h"
#include "model/captioner/captioner_weights.h"

namespace plainsight {

/// The output layer reduced to two results per row, which are all that a search needs: log(sum(exp(logits)))
/// and the k largest logits.
class TopkOutput {
 public:
  virtual ~TopkOutput() = default;
  virtual void compute(ConstView h) = 0;
  /// log(sum(exp(logits))) of row r of the last compute().
  virtual double log_sum_exp(std::int64_t r) const = 0;
  /// Largest first; of equal ones the lower id.
  virtual std::span<const TopLogit> top(std::int64_t r) const = 0;
};

/// The captioner one token at a time, for inference. Rows are independent hypotheses: with TunedStep,
/// the bits of row r of every result depend on row r of the inputs only.
class CaptionerStep {
 public:
  virtual ~CaptionerStep() = default;

  const CaptionerShape& shape() const { return shape_; }

  /// h = tanh(Wh x + bh), c = tanh(Wc x + bc).   x[R,D]  h[R,H]  c[R,H]
  virtual void start(View h, View c, ConstView features) const = 0;

  /// One LSTM step on the embeddings of `tokens` (R ids in [0,V)): h[R,H] and c[R,H] are updated in place;
  /// x[R,E] and gates[R,4H] are scratch.
  virtual void advance(View h, View c, View x, View gates, std::span<const std::int32_t> tokens) const = 0;

  /// The output layer: logits[R,V] of h[R,H].
  virtual void output(View logits, ConstView h) const = 0;

  /// The same for a search: the `count` largest logits of at most `rows` rows. The step must outlive it.
  virtual std::unique_ptr<TopkOutput> topk_output(std::int64_t rows, int count) const = 0;

 protected:
  explicit CaptionerStep(const CaptionerShape& shape) : shape_(shape) {}

 private:
  CaptionerShape shape_;
};

/// The step of the engine in use: TunedStep or PlainStep. The memory of `weights` must outlive it.
std::unique_ptr<const CaptionerStep> make_captioner_step(const CaptionerWeights& weights);

}  // namespace plainsight
