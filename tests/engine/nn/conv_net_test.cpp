#include <algorithm>

#include "engine/nn/conv2d.h"
#include "engine/nn/linear.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/relu.h"
#include "engine/optim/adam.h"
#include "tests/support/op_goldens.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

// VGG's pattern in small, under torchvision's names.
struct ConvNet {
  Conv2d conv0{3, 8, 3, {.stride = 1, .padding = 1}}, conv3{8, 16, 3, {.stride = 1, .padding = 1}};
  Linear linear0{64, 32}, linear2{32, 5};

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    conv0.visit(prefix + "features.0.", f);
    conv3.visit(prefix + "features.3.", f);
    linear0.visit(prefix + "classifier.0.", f);
    linear2.visit(prefix + "classifier.2.", f);
  }
  Var loss(Tape& tape, ConstView images, std::span<const std::int32_t> targets) const {
    const Var first = max_pool2d(tape, relu(tape, conv0(tape, tape.input(images))));
    const Var maps = max_pool2d(tape, relu(tape, conv3(tape, first)));
    const Shape flat{images.rows(), 64};
    const Var hidden = relu(tape, linear0(tape, {maps.value.reshaped(flat), maps.gradient.reshaped(flat)}));
    return linear_cross_entropy(tape, hidden, linear2.weight, linear2.bias, targets);
  }
};

}  // namespace

TEST_CASE("a convolutional network trains on the tape as it does in torch") {
  ConvNet net;
  ParameterSet parameters(net);
  for (const Parameter& p : parameters.parameters()) {
    const ConstView initial = goldens().f32("net.initial." + p.name, p.value.shape);
    std::copy_n(initial.data, initial.size(), p.value.data);
  }
  const auto targets = golden_values<std::int32_t>("net.t");
  const ConstView losses = golden_floats("net.losses");
  Adam adam(parameters, {.lr = 1e-2});
  Tape tape;
  for (std::int64_t step = 0; step < losses.size(); ++step) {
    tape.clear();
    const Var loss = net.loss(tape, golden_floats("net.x"), targets);
    tape.backward(loss);
    CAPTURE(step);
    CHECK(static_cast<double>(loss.value[0]) ==
          doctest::Approx(static_cast<double>(losses[step])).epsilon(1e-4));
    if (step == 0) {
      for (const Parameter& p : parameters.parameters()) {
        check_close(p.gradient, golden_floats("net.gradient." + p.name), p.name);
      }
    }
    adam.step_and_zero();
  }
  CHECK(losses[losses.size() - 1] < 0.1f * losses[0]);  // the golden itself learned
}
