#pragma once

#include "engine/nn/embedding.h"
#include "engine/nn/linear.h"
#include "engine/nn/lstm.h"
#include "model/captioner/captioner_shape.h"
#include "model/training/batch.h"

namespace plainsight {

/// Dropout of a training step: probability p in [0,1), masks drawn from `random`.
struct Dropout {
  float p = 0;
  TorchGenerator* random = nullptr;  ///< may be null when p is 0
};

/// The captioner on the tape, the notebook's ImageCaptionModel:
///   h₀ = tanh(img_to_h(x))    c₀ = tanh(img_to_c(x))    hₜ, cₜ = lstm(embedding(wₜ), hₜ₋₁, cₜ₋₁)
///   p(wₜ₊₁) = softmax(fc(hₜ))
/// Its loss is the mean of -log p over the batch's targets, under teacher forcing: wₜ is the caption's word,
/// not the model's.
struct Captioner {
  Linear img_to_h, img_to_c;
  Embedding embedding;
  Lstm lstm;
  Linear fc;

  /// `pad` is the id whose embedding stays zero and that is never a target.
  Captioner(const CaptionerShape& shape, std::int32_t pad);

  /// Parameters under the names of the notebook's state_dict.
  template <class F>
  void visit(const std::string& prefix, F&& f) {
    img_to_h.visit(prefix + "img_to_h.", f);
    img_to_c.visit(prefix + "img_to_c.", f);
    embedding.visit(prefix + "embedding.", f);
    lstm.visit(prefix + "lstm.", f);
    fc.visit(prefix + "fc.", f);
  }

  /// The weights that the notebook's model has after torch.manual_seed(seed).
  void init(std::uint64_t seed) const;

  /// Records the loss [1] of a batch. Dropout acts on the embeddings and on the LSTM's outputs. Evaluation
  /// calls it under NoGradients and without dropout.
  Var loss(Tape& tape, const Batch& batch, Dropout dropout = {}, float label_smoothing = 0) const;
};

}  // namespace plainsight
