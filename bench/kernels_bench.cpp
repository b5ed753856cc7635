// The pointwise kernels on one thread: on 16 K floats, which fit L2, and on 16 M, which fit no cache.

#include <benchmark/benchmark.h>

#include <vector>

#include "engine/kernels/isa/table.h"
#include "engine/tensor/tensor.h"

using namespace plainsight;

namespace {

constexpr std::int64_t kSmall = 1 << 14, kLarge = 1 << 24;

Tensor filled(std::int64_t n, float low, float high) {
  Tensor t({n});
  for (std::int64_t i = 0; i < n; ++i) t[i] = low + (high - low) * static_cast<float>(i % 1009) / 1008;
  return t;
}

template <auto Function>
void unary(benchmark::State& state) {
  const Tensor x = filled(state.range(0), -8, 8);
  Tensor y({state.range(0)});
  for (auto _ : state) (kernels().elementwise.*Function)(y.data(), x.data(), x.size());
  state.SetItemsProcessed(state.iterations() * x.size());
  state.SetBytesProcessed(state.iterations() * x.size() * 8);
}
BENCHMARK(unary<&ElementwiseKernels::exp>)->Name("exp")->Arg(kSmall)->Arg(kLarge);
BENCHMARK(unary<&ElementwiseKernels::tanh>)->Name("tanh")->Arg(kSmall)->Arg(kLarge);
BENCHMARK(unary<&ElementwiseKernels::sigmoid>)->Name("sigmoid")->Arg(kSmall)->Arg(kLarge);

void lstm_forward(benchmark::State& state) {
  const std::int64_t rows = 64, H = 256;
  Tensor gates = filled(rows * 4 * H, -2, 2), c({rows, H}), h({rows, H});
  const Tensor c_prev = filled(rows * H, -1, 1);
  for (auto _ : state) kernels().lstm.forward(gates.data(), c.data(), h.data(), c_prev.data(), rows, H);
  state.SetItemsProcessed(state.iterations() * rows * H);
}
BENCHMARK(lstm_forward);

void lstm_backward(benchmark::State& state) {
  const std::int64_t rows = 64, H = 256;
  const Tensor gates = filled(rows * 4 * H, 0, 1), c = filled(rows * H, -1, 1), dh = filled(rows * H, -1, 1);
  Tensor dgates({rows, 4 * H}), dc({rows, H});
  for (auto _ : state)
    kernels().lstm.backward(dgates.data(), dc.data(), dh.data(), gates.data(), c.data(), c.data(), rows, H);
  state.SetItemsProcessed(state.iterations() * rows * H);
}
BENCHMARK(lstm_backward);

void adam(benchmark::State& state) {
  const std::int64_t n = state.range(0);
  Tensor p = filled(n, -1, 1), g = filled(n, -1, 1), m({n}), v({n});
  const AdamFactors f{0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 0.0f, 1e-3f, 0.5f};
  for (auto _ : state) kernels().adam.step(p.data(), g.data(), m.data(), v.data(), n, f, true);
  state.SetItemsProcessed(state.iterations() * n);
  state.SetBytesProcessed(state.iterations() * n * 32);
}
BENCHMARK(adam)->Arg(kSmall)->Arg(kLarge);

void adam_idle_steps(benchmark::State& state) {
  const std::int64_t n = 256, steps = 64;
  Tensor p = filled(n, -1, 1), m = filled(n, -1, 1), v = filled(n, 0, 1);
  const std::vector<AdamFactors> f(steps, AdamFactors{0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 0.0f, 1e-3f, 0.5f});
  for (auto _ : state) {
    state.PauseTiming();
    for (std::int64_t i = 0; i < n; ++i) m[i] = v[i] = 1;
    state.ResumeTiming();
    kernels().adam.idle_steps(p.data(), m.data(), v.data(), n, f.data(), steps);
  }
  state.SetItemsProcessed(state.iterations() * n * steps);
}
BENCHMARK(adam_idle_steps);

}  // namespace
