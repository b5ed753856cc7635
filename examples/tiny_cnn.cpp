// Trains a small convolutional network on the tape: is a noisy image a disc, a square or a cross? Every batch
// is newly drawn, so the accuracy is that on images never seen before. Fails unless the network learns it.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "engine/nn/conv2d.h"
#include "engine/nn/linear.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/relu.h"
#include "engine/optim/adam.h"

using namespace plainsight;

namespace {

constexpr std::int64_t kBatch = 32, kSide = 16, kClasses = 3, kFeatures = 16 * 4 * 4;

struct TinyCnn {
  Conv2d conv1{1, 8, 3, {.stride = 1, .padding = 1}}, conv2{8, 16, 3, {.stride = 1, .padding = 1}};
  Linear classifier{kFeatures, kClasses};

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    conv1.visit(prefix + "conv1.", f);
    conv2.visit(prefix + "conv2.", f);
    classifier.visit(prefix + "classifier.", f);
  }
  // [N,1,16,16] -> [N,8,8,8] -> [N,16,4,4], as rows of features.
  Var features(Tape& tape, ConstView images) const {
    const Var half = max_pool2d(tape, relu(tape, conv1(tape, tape.input(images))));
    const Var quarter = max_pool2d(tape, relu(tape, conv2(tape, half)));
    const Shape rows{images.rows(), kFeatures};
    return {quarter.value.reshaped(rows), quarter.gradient.reshaped(rows)};
  }
};

bool inside(std::int32_t shape, float x, float y, float radius) {
  if (shape == 0) return x * x + y * y < radius * radius;
  if (shape == 1) return std::max(std::abs(x), std::abs(y)) < 0.8f * radius;
  return std::max(std::abs(x), std::abs(y)) < radius && std::min(std::abs(x), std::abs(y)) < 0.3f * radius;
}

void draw(View images, std::span<std::int32_t> labels, TorchGenerator& random) {
  random.normal({images.data, static_cast<std::size_t>(images.size())}, 0, 0.2f);  // the noise
  for (std::int64_t n = 0; n < images.rows(); ++n) {
    float at[3];
    random.uniform(at, 0, 1);
    labels[n] = static_cast<std::int32_t>(random.random() % kClasses);
    for (std::int64_t p = 0; p < kSide * kSide; ++p) {
      const float x = float(p % kSide) - 5 - 6 * at[0], y = float(p / kSide) - 5 - 6 * at[1];
      if (inside(labels[n], x, y, 3 + 2 * at[2])) images.row(n)[p] += 1;
    }
  }
}

float accuracy(ConstView logits, std::span<const std::int32_t> labels) {
  float right = 0;
  for (std::int64_t n = 0; n < logits.rows(); ++n)
    right += std::max_element(logits.row(n), logits.row(n) + kClasses) - logits.row(n) == labels[n];
  return right / float(logits.rows());
}

}  // namespace

int main() {
  TinyCnn net;
  ParameterSet parameters(net);  // one buffer for all weights, one for all gradients
  TorchGenerator random(42);
  net.conv1.init(random), net.conv2.init(random), net.classifier.init(random);
  Adam adam(parameters, {.lr = 1e-2});
  Tape tape;
  Tensor images({kBatch, 1, kSide, kSide});
  std::vector<std::int32_t> labels(kBatch);
  constexpr int kSteps = 300, kReport = 30;
  float loss_sum = 0, right = 0;  // of the steps since the last report
  for (int step = 1; step <= kSteps; ++step) {
    draw(images, labels, random);
    const Var features = net.features(tape, images);
    right += accuracy(net.classifier(tape, features).value, labels);
    const Var loss = linear_cross_entropy(tape, features, net.classifier.weight, net.classifier.bias, labels);
    loss_sum += loss.value[0];
    tape.backward(loss);
    adam.step_and_zero();
    tape.clear();
    if (step % kReport != 0) continue;
    std::printf("step %3d   loss %.3f   accuracy %3.0f %%\n", step, double{loss_sum / kReport},
                double{100 * right / kReport});
    if (step < kSteps) loss_sum = right = 0;
  }
  return right / kReport > 0.9f ? 0 : 1;
}
