#include "model/training/captioner.h"

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

Var Captioner::loss(Tape& tape, const Batch& batch, Dropout drop, float label_smoothing) const {
  const auto dropped = [&](Var v) { return drop.p > 0 ? dropout(tape, v, drop.p, *drop.random) : v; };
  // The image becomes the initial state.
  const Var x = tape.input(batch.images());
  const Var h0 = tanh(tape, img_to_h(tape, x));
  const Var c0 = tanh(tape, img_to_c(tape, x));
  // The LSTM reads the captions' own words. The notebook recipe takes a loss at the last step only.
  const Var words = dropped(embedding(tape, batch.inputs));
  Var h = lstm(tape, words, h0, c0, batch.batch_sizes);
  if (!batch.last.empty()) h = select_rows(tape, h, batch.last);
  return linear_cross_entropy(tape, dropped(h), fc.weight, fc.bias, batch.targets, embedding.padding_idx,
                              label_smoothing);
}

}  // namespace plainsight
