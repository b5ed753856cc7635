#include "model/training/captioner.h"

#include <algorithm>

#include "engine/ops/dropout.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/select_rows.h"
#include "engine/ops/tanh.h"

namespace plainsight {

Captioner::Captioner(const CaptionerShape& s, std::int32_t pad)
    : img_to_h(s.features, s.hidden),
      img_to_c(s.features, s.hidden),
      embedding(s.vocab, s.embed, pad),
      lstm(s.embed, s.hidden),
      fc(s.hidden, s.vocab) {}

void Captioner::init(std::uint64_t seed) const {
  TorchGenerator generator(seed);
  img_to_h.init(generator);
  img_to_c.init(generator);
  embedding.init(generator);
  lstm.init(generator);
  fc.init(generator);
}

Var Captioner::loss(Tape& tape, const Batch& batch, float p, TorchGenerator& random) const {
  const Var x = tape.input(batch.images());
  const Var h0 = tanh(tape, img_to_h(tape, x));
  const Var c0 = tanh(tape, img_to_c(tape, x));
  Var words = embedding(tape, batch.inputs);
  if (p > 0) words = dropout(tape, words, p, random);
  Var h = lstm(tape, words, h0, c0, batch.batch_sizes);
  if (!batch.last.empty()) h = select_rows(tape, h, batch.last);
  if (p > 0) h = dropout(tape, h, p, random);
  return linear_cross_entropy(tape, h, fc.weight, fc.bias, batch.targets, embedding.padding_idx);
}

float Captioner::loss_only(const Batch& batch, Arena& scratch) const {
  const ArenaScope scope(scratch);
  const auto view = [&](Shape shape) {
    return View(scratch.allocate_array<float>(static_cast<std::size_t>(shape.size())), shape);
  };
  const ConstView x = batch.images();
  const auto R = static_cast<std::int64_t>(batch.inputs.size());
  const std::int64_t H = fc.weight.value.cols();
  const View h0 = view({x.rows(), H}), c0 = view({x.rows(), H});
  linear_forward(h0, x, img_to_h.weight.value, img_to_h.bias.value);
  linear_forward(c0, x, img_to_c.weight.value, img_to_c.bias.value);
  tanh_forward(h0, h0);
  tanh_forward(c0, c0);
  const View words = view({R, embedding.weight.value.cols()});
  embedding_forward(words, batch.inputs, embedding.weight.value);
  const LstmStates states{view({R, H}), view({R, H}), view({R, 4 * H})};
  lstm_forward(states, {words, h0, c0, batch.batch_sizes},
               {lstm.p.weight_ih.value, lstm.p.weight_hh.value, lstm.p.bias_ih.value, lstm.p.bias_hh.value},
               scratch);
  return linear_cross_entropy_forward(states.h, fc.weight.value, fc.bias.value, batch.targets,
                                      embedding.padding_idx, scratch);
}

}  // namespace plainsight
