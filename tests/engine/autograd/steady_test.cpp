// After the first training step nothing allocates.

#include <doctest/doctest.h>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/nn/conv2d.h"
#include "engine/nn/embedding.h"
#include "engine/nn/linear.h"
#include "engine/nn/lstm.h"
#include "engine/ops/add.h"
#include "engine/ops/dropout.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/relu.h"
#include "engine/ops/select_rows.h"
#include "engine/ops/tanh.h"
#include "engine/optim/adam.h"
#include "engine/optim/clip.h"
#include "tests/support/count_allocations.h"

using namespace plainsight;

namespace {

// Every operation once: an image through a convolution into the initial states of an LSTM, ids through the
// LSTM to a loss.
struct Model {
  Conv2d conv{3, 8, 3, {.stride = 1, .padding = 1}};
  Linear img_to_h{8 * 4 * 4, 32}, img_to_c{8 * 4 * 4, 32};
  Embedding embedding{50, 24, 0};
  Lstm lstm{24, 32};
  Linear fc{32, 50};

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    conv.visit(prefix + "conv.", f);
    img_to_h.visit(prefix + "img_to_h.", f);
    img_to_c.visit(prefix + "img_to_c.", f);
    embedding.visit(prefix + "embedding.", f);
    lstm.visit(prefix + "lstm.", f);
    fc.visit(prefix + "fc.", f);
  }
  void init(TorchGenerator& generator) const {
    conv.init(generator);
    img_to_h.init(generator);
    img_to_c.init(generator);
    embedding.init(generator);
    lstm.init(generator);
    fc.init(generator);
  }
};

struct Batch {
  Tensor images{{4, 3, 8, 8}};
  std::vector<std::int64_t> batch_sizes{4, 4, 3, 1};
  std::vector<std::int32_t> ids{3, 8, 7, 4, 9, 2, 8, 3, 4, 5, 1, 7},
      targets{9, 2, 8, 3, 4, 5, 1, 0, 7, 2, 2, 6};
  std::vector<std::int32_t> every_row{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
};

float step(Tape& tape, const Model& model, const Batch& batch, TorchGenerator& generator) {
  const Var maps = max_pool2d(tape, relu(tape, model.conv(tape, tape.input(batch.images))));
  const Var features{maps.value.reshaped({4, 8 * 4 * 4}), maps.gradient.reshaped({4, 8 * 4 * 4})};
  const Var h0 = plainsight::tanh(tape, model.img_to_h(tape, features));
  const Var c0 = plainsight::tanh(tape, model.img_to_c(tape, features));
  const Var words = dropout(tape, model.embedding(tape, batch.ids), 0.1f, generator);
  const Var h = model.lstm(tape, words, h0, c0, batch.batch_sizes);
  const Var both = add(tape, h, select_rows(tape, h, batch.every_row));
  const Var loss = linear_cross_entropy(tape, both, model.fc.weight, model.fc.bias, batch.targets, 0);
  tape.backward(loss);
  const float value = loss.value[0];
  tape.clear();
  return value;
}

}  // namespace

TEST_CASE("training allocates in its first step only, and learns") {
#if defined(__clang__)
  set_threads(1);  // LLVM's OpenMP allocates in each parallel region, which is not ours to count
#endif
  Model model;
  ParameterSet parameters(model);
  TorchGenerator generator(1);
  model.init(generator);
  Adam adam(parameters, {.lr = 1e-2});
  Batch batch;
  generator.normal({batch.images.data(), static_cast<std::size_t>(batch.images.size())}, 0, 1);
  Tape tape;
  float first = 0, last = 0;
  for (int n = 0; n < 30; ++n) {
    const std::int64_t before = test::allocation_count();
    last = step(tape, model, batch, generator);
    clip_gradient_norm(parameters, 5.0f);
    adam.step_and_zero();
    if (n == 0) {
      first = last;
      if (test::allocations_are_counted()) CHECK(test::allocation_count() > before);
    } else if (engine() == Engine::tuned) {  // Eigen may allocate within an expression
      REQUIRE(test::allocation_count() == before);
    }
  }
  CHECK(last < 0.2f * first);
}
