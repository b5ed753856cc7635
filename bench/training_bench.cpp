// The parts of a training step at the captioner's sizes: 64 captions or prefixes, 680 or 64 targets, 256
// hidden units, 30,524 word pieces. A first step, which gets memory from the system, is not timed.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

#include "engine/nn/embedding.h"
#include "engine/nn/linear.h"
#include "engine/nn/lstm.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/select_rows.h"
#include "engine/optim/adam.h"

using namespace plainsight;

namespace {

constexpr std::int64_t kHidden = 256, kVocabulary = 30524, kFeatures = 4096;

struct Captioner {
  Linear img_to_h{kFeatures, kHidden}, img_to_c{kFeatures, kHidden};
  Embedding embedding{kVocabulary, kHidden, 0};
  Lstm lstm{kHidden, kHidden};
  Linear fc{kHidden, kVocabulary};

  template <class F>
  void visit(const std::string& prefix, F&& f) {
    img_to_h.visit(prefix + "img_to_h.", f);
    img_to_c.visit(prefix + "img_to_c.", f);
    embedding.visit(prefix + "embedding.", f);
    lstm.visit(prefix + "lstm.", f);
    fc.visit(prefix + "fc.", f);
  }
};

// A packed batch with lengths as in Flickr8k, longest first: 64 captions of 4 to 22 targets, or the
// notebook's prefixes of 1 to 16 inputs with one target each.
struct Batch {
  explicit Batch(bool prefixes = false) : features({64, kFeatures}) {
    std::mt19937 random(1);
    std::uniform_real_distribution<float> real(0, 1);
    for (std::int64_t i = 0; i < features.size(); ++i) features[i] = real(random);
    std::vector<std::int64_t> lengths;
    for (int i = 0; i < 64; ++i) lengths.push_back(prefixes ? 16 - i / 4 : i < 4 ? 22 - i : 16 - i / 5);
    for (std::int64_t t = 0; t < lengths[0]; ++t) {
      std::int64_t count = 0;
      for (const std::int64_t length : lengths) count += length > t;
      batch_sizes.push_back(count);
      for (std::int64_t i = 0; i < count; ++i) {
        ids.push_back(static_cast<std::int32_t>(1000 + random() % 7354));
        targets.push_back(static_cast<std::int32_t>(1000 + random() % 7354));
      }
    }
    if (!prefixes) return;
    targets.resize(64);
    for (std::int32_t i = 0; i < 64; ++i) {
      std::int64_t row = i;
      for (std::int64_t t = 1; t < lengths[static_cast<std::size_t>(i)]; ++t)
        row += batch_sizes[static_cast<std::size_t>(t - 1)];
      last.push_back(static_cast<std::int32_t>(row));
    }
  }
  std::int64_t rows() const { return static_cast<std::int64_t>(ids.size()); }
  Tensor features;
  std::vector<std::int64_t> batch_sizes;
  std::vector<std::int32_t> ids, targets, last;
};

struct Setup {
  explicit Setup(bool prefixes = false) : parameters(model), batch(prefixes) {
    std::mt19937 random(2);
    std::uniform_real_distribution<float> real(-0.06f, 0.06f);
    const View values = parameters.values();
    for (std::int64_t i = 0; i < values.size(); ++i) values[i] = real(random);
  }
  Captioner model;
  ParameterSet parameters;
  Batch batch;
};

void count(benchmark::State& state, double flop, double bytes, std::int64_t targets) {
  using benchmark::Counter;
  const auto n = static_cast<double>(state.iterations());
  if (flop > 0) state.counters["FLOP/s"] = Counter(flop * n, Counter::kIsRate);
  if (bytes > 0) state.counters["bytes/s"] = Counter(bytes * n, Counter::kIsRate);
  if (targets > 0) state.counters["targets/s"] = Counter(static_cast<double>(targets) * n, Counter::kIsRate);
}

void cross_entropy(benchmark::State& state) {
  Setup s;
  const std::int64_t N = s.batch.rows();
  Tensor x({N, kHidden}), dx({N, kHidden});
  for (std::int64_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 17) * 0.05f;
  Arena scratch;
  const Linear& fc = s.model.fc;
  const bool train = state.range(0) != 0;
  const auto run = [&] {
    if (train)
      linear_cross_entropy_forward_backward(dx, fc.weight.gradient, fc.bias.gradient, x, fc.weight.value,
                                            fc.bias.value, s.batch.targets, kIgnoreIndex, scratch);
    else
      linear_cross_entropy_forward(x, fc.weight.value, fc.bias.value, s.batch.targets, kIgnoreIndex, scratch);
  };
  run();
  for (auto _ : state) run();
  count(state, (train ? 6.0 : 2.0) * static_cast<double>(N * kHidden * kVocabulary), 0, N);
}
BENCHMARK(cross_entropy)->ArgName("train")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

void lstm_sequence(benchmark::State& state) {
  Setup s;
  const std::int64_t N = s.batch.rows();
  Tensor x({N, kHidden}), dx({N, kHidden}), h0({64, kHidden}), c0({64, kHidden}), dh0({64, kHidden}),
      dc0({64, kHidden});
  Tape tape;
  const auto run = [&] {
    tape.clear();
    tape.backward(s.model.lstm(tape, {x, dx}, {h0, dh0}, {c0, dc0}, s.batch.batch_sizes), x);
  };
  run();
  for (auto _ : state) run();
  count(state, 3.0 * 2 * static_cast<double>(N * kHidden * 2 * 4 * kHidden), 0, N);
}
BENCHMARK(lstm_sequence)->Unit(benchmark::kMillisecond)->UseRealTime();

void adam(benchmark::State& state) {
  Setup s;
  Adam optimiser(s.parameters);
  for (auto _ : state) optimiser.step_and_zero();
  count(state, 0, 32.0 * static_cast<double>(s.parameters.values().size()), 0);
}
BENCHMARK(adam)->Unit(benchmark::kMillisecond)->UseRealTime();

// Accumulates the time of one part of a step and reports its mean in milliseconds under its name.
class Part {
 public:
  Part(benchmark::State& state, const char* name) : state_(state), name_(name) {}
  ~Part() { state_.counters[name_] = 1e3 * seconds_ / static_cast<double>(state_.iterations()); }
  template <class F>
  auto operator()(F&& f) {
    const auto start = Clock::now();
    auto result = f();
    seconds_ += std::chrono::duration<double>(Clock::now() - start).count();
    return result;
  }
  void clear() { seconds_ = 0; }

 private:
  using Clock = std::chrono::steady_clock;
  benchmark::State& state_;
  const char* name_;
  double seconds_ = 0;
};

void whole_step(benchmark::State& state) {
  Setup s(state.range(0) != 0);
  const Batch& b = s.batch;
  Adam optimiser(s.parameters);
  optimiser.make_lazy(s.model.embedding.weight);
  Tape tape;
  Part images(state, "images"), words(state, "words"), lstm(state, "lstm"), output(state, "output"),
      backward(state, "backward"), update(state, "update");
  const auto run = [&] {
    tape.clear();
    const Var x = tape.input(b.features);
    const Var h0 = images([&] { return s.model.img_to_h(tape, x); });
    const Var c0 = images([&] { return s.model.img_to_c(tape, x); });
    const Var inputs = words([&] {
      optimiser.use_rows(b.ids);
      return s.model.embedding(tape, b.ids);
    });
    const Var h = lstm([&] { return s.model.lstm(tape, inputs, h0, c0, b.batch_sizes); });
    const Linear& fc = s.model.fc;
    const Var loss = output([&] {
      const Var rows = b.last.empty() ? h : select_rows(tape, h, b.last);
      return linear_cross_entropy(tape, rows, fc.weight, fc.bias, b.targets);
    });
    backward([&] { return tape.backward(loss), 0; });
    update([&] { return optimiser.step_and_zero(), 0; });
  };
  run();
  for (Part* part : {&images, &words, &lstm, &output, &backward, &update}) part->clear();
  for (auto _ : state) run();
  count(state, 0, 0, static_cast<std::int64_t>(b.targets.size()));
}
BENCHMARK(whole_step)->ArgName("notebook")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
