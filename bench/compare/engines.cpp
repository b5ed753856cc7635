// The plain and the tuned engine in turns in one process: each operation at the sizes of training, the layers
// of VGG16, and whole tasks. Prints a Markdown table: median times, and the median and quartiles of the ratio
// of neighbouring turns.
//   compare_engines WEIGHTS [ROUNDS [processor]]
// processor: the time of the processors, not elapsed time; for a machine shared with other work, on one
// thread.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/ops/conv2d.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/relu.h"
#include "engine/ops/tanh.h"
#include "engine/optim/adam.h"
#include "model/captioner/decoder.h"
#include "model/training/captioner.h"
#include "model/vgg16/make_vgg16.h"
#include "tests/model/captioner/tiny_captioner.h"

extern "C" char* openblas_get_corename();

using namespace plainsight;

namespace {

constexpr CaptionerShape kShape;  // the notebook's
int rounds = 7;
bool processor_time = false;

Tensor random_tensor(Shape shape, float scale = 1) {
  Tensor t(shape);
  std::minstd_rand random(1);
  for (std::int64_t i = 0; i < t.size(); ++i)
    t[i] = scale * (static_cast<float>(random() % 2001) - 1000.0f) / 1000.0f;
  return t;
}

double now() {
  if (processor_time) return 1e3 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(since).count();
}

double milliseconds(int repeats, const std::function<void()>& f) {
  const double start = now();
  for (int i = 0; i < repeats; ++i) f();
  return (now() - start) / repeats;
}

double quantile(std::vector<double> x, double q) {
  std::sort(x.begin(), x.end());
  return x[static_cast<std::size_t>(q * static_cast<double>(x.size() - 1) + 0.5)];
}

using Run = std::function<void()>;

/// A row of the table. `make` is called once under each engine and returns what a turn times.
void compare(const std::string& name, const std::function<Run()>& make) {
  constexpr Engine kEngines[] = {Engine::plain, Engine::tuned};
  Run runs[2];
  int repeats[2];
  for (int e = 0; e < 2; ++e) {
    set_engine(kEngines[e]);
    runs[e] = make();
    runs[e]();  // memory and weights
    repeats[e] = std::max(1, static_cast<int>(20 / std::max(0.01, milliseconds(1, runs[e]))));
  }
  std::vector<double> times[2], ratios;
  for (int r = 0; r < rounds; ++r) {
    for (int e = 0; e < 2; ++e) {
      set_engine(kEngines[e]);
      runs[e]();  // not counted: the caches hold the other engine's data
      times[e].push_back(milliseconds(repeats[e], runs[e]));
    }
    ratios.push_back(times[0].back() / times[1].back());
  }
  std::printf("| %s | %.3g | %.3g | %.2f (%.2f to %.2f) |\n", name.c_str(), quantile(times[0], 0.5),
              quantile(times[1], 0.5), quantile(ratios, 0.5), quantile(ratios, 0.25), quantile(ratios, 0.75));
  std::fflush(stdout);
}

/// The same for an operation whose code looks the engine up at every call.
void compare_operation(const std::string& name, const Run& run) {
  compare(name, [&] { return run; });
}

/// 64 captions with lengths as in Flickr8k, 4 to 22 targets and 680 together, packed longest first.
Batch random_batch() {
  Batch batch;
  batch.features = random_tensor({64, kShape.features});
  std::minstd_rand random(3);
  const auto length = [](int i) { return i < 4 ? 22 - i : 16 - i / 5; };
  for (int t = 0; t < length(0); ++t) {
    batch.batch_sizes.push_back(0);
    for (int i = 0; i < 64; ++i) {
      if (length(i) <= t) continue;
      ++batch.batch_sizes.back();
      batch.inputs.push_back(static_cast<std::int32_t>(1000 + random() % 7354));
      batch.targets.push_back(static_cast<std::int32_t>(1000 + random() % 7354));
    }
  }
  return batch;
}

void compare_elementwise() {
  const Tensor x = random_tensor({680, 256}), large = random_tensor({8, 64, 112, 112});
  Tensor y({680, 256}), dx({680, 256}), pooled({8, 64, 56, 56}), large_y({8, 64, 112, 112});
  std::vector<std::int32_t> argmax(static_cast<std::size_t>(pooled.size()));
  compare_operation("tanh, forward and backward, 174,080 elements", [&] {
    tanh_forward(y, x);
    tanh_backward(dx, x, y);
  });
  compare_operation("ReLU, 6.4 M elements", [&] { relu_forward(large_y, large); });
  compare_operation("max-pool, 8 images of 64 x 112 x 112",
                    [&] { max_pool2d_forward(pooled, argmax.data(), large, {}); });
}

void compare_layers() {
  Arena scratch;
  {
    const Tensor x = random_tensor({8, 64, 56, 56}), W = random_tensor({64, 64, 3, 3}, 0.05f), b({64});
    Tensor y({8, 64, 56, 56}), dx(x.shape()), dW(W.shape()), db({64});
    compare_operation("convolution on the tape, 8 images of 64 x 56 x 56, both ways", [&] {
      conv2d_forward(y, x, W, b, {1, 1}, scratch);
      conv2d_backward(dx, dW, db, y, x, W, {1, 1}, scratch);
    });
  }
  const Batch batch = random_batch();
  const auto rows = static_cast<std::int64_t>(batch.inputs.size());
  const Tensor x = random_tensor({rows, kShape.embed}), h0({64, kShape.hidden}), c0({64, kShape.hidden});
  Tensor dx(x.shape()), dh0(h0.shape()), dc0(c0.shape());
  Captioner model(kShape, 0);
  ParameterSet parameters(model);
  model.init(1);
  {
    Tensor y({64, kShape.hidden});
    const Linear& layer = model.img_to_h;
    compare_operation("linear, 64 x 4096 x 256, both ways", [&] {
      linear_forward(y, batch.images(), layer.weight.value, layer.bias.value);
      linear_backward({}, layer.weight.gradient, layer.bias.gradient, y, batch.images(), layer.weight.value);
    });
  }
  Tape tape;
  compare_operation("LSTM, 64 sequences of 22 steps, both ways", [&] {
    tape.clear();
    tape.backward(model.lstm(tape, {x, dx}, {h0, dh0}, {c0, dc0}, batch.batch_sizes), x);
  });
  const Linear& fc = model.fc;
  compare_operation("output layer and cross-entropy, 680 x 256 x 30,524, both ways", [&] {
    linear_cross_entropy_forward_backward(dx, fc.weight.gradient, fc.bias.gradient, x, fc.weight.value,
                                          fc.bias.value, batch.targets, kIgnoreIndex, scratch);
  });
  Adam adam(parameters);
  compare_operation("Adam, 18.3 M parameters", [&] { adam.step_and_zero(); });
}

/// Layers of VGG16, one image.
void compare_vgg16_layers(const SafetensorsFile& weights) {
  for (const std::size_t i : {0, 1, 3, 5, 8, 11, 13, 14}) {
    const std::string name = make_vgg16(weights)->layers()[i].name;
    compare("VGG16's " + name + ", one image", [&, i]() -> Run {
      const std::shared_ptr<FeatureNetwork> network = make_vgg16(weights);
      const auto layers = std::make_shared<std::vector<NetworkLayer>>(network->layers());
      const Shape in = i == 0 ? Shape{1, 3, vgg16::kSide, vgg16::kSide} : (*layers)[i - 1].output;
      const auto x = std::make_shared<Tensor>(random_tensor(in));
      const auto y = std::make_shared<Tensor>((*layers)[i].output);
      return [=] { (*layers)[i].run(*y, *x), void(network); };
    });
  }
}

void compare_tasks(const SafetensorsFile& weights) {
  for (const std::int64_t count : {8, 1}) {
    const Tensor images = random_tensor({count, 3, vgg16::kSide, vgg16::kSide}, 2);
    compare("VGG16, image to fc7, batch " + std::to_string(count), [&]() -> Run {
      const std::shared_ptr<FeatureNetwork> network = make_vgg16(weights);
      const auto out = std::make_shared<Tensor>(Shape{count, network->feature_dim()});
      return [&images, network, out] { network->run(*out, images); };
    });
  }
  const Batch batch = random_batch();
  compare("training step, recipe full, 64 captions", [&]() -> Run {
    struct State {
      Captioner model{kShape, 0};
      ParameterSet parameters{model};
      Adam adam{parameters};
      Tape tape;
    };
    const auto s = std::make_shared<State>();
    s->model.init(1);
    s->adam.make_lazy(s->model.embedding.weight);
    return [s, &batch] {
      s->tape.clear();
      s->adam.use_rows(batch.inputs);
      s->tape.backward(s->model.loss(s->tape, batch));
      s->adam.step_and_zero();
    };
  });
  const test::TinyCaptioner captioner(kShape, 1);  // no caption ends early
  for (const std::int64_t images : {64, 1}) {
    const Tensor features = test::random_features(images, kShape.features, 2);
    for (const int beam : {1, 3}) {
      const std::string name = beam == 1 ? "greedy" : "beam 3";
      compare("captions of 12 words, " + name + ", images: " + std::to_string(images), [&]() -> Run {
        const auto decoder = std::make_shared<Decoder>(captioner.weights(), SpecialIds{30522, 30523, 0});
        DecodeOptions options;
        options.beam = beam;
        options.max_length = 13;
        return [=, &features] { decoder->decode(features, options); };
      });
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const SafetensorsFile weights{std::filesystem::path(argv[1])};
  if (argc > 2) rounds = std::atoi(argv[2]);
  processor_time = argc > 3 && std::string(argv[3]) == "processor";
  std::printf("plain: OpenBLAS's %s kernels; tuned: %s; %d threads; %d turns each; %s time\n\n",
              openblas_get_corename(), name_of(kernels().isa), threads(), rounds,
              processor_time ? "processor" : "elapsed");
  std::printf("| operation | plain, ms | tuned, ms | plain / tuned (quartiles) |\n|---|---|---|---|\n");
  compare_elementwise();
  compare_layers();
  compare_vgg16_layers(weights);
  compare_tasks(weights);
}
