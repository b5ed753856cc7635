// Matrix products at the captioner's shapes and squares, on warm operands.

#include <benchmark/benchmark.h>

#include "engine/kernels/gemm/gemm.h"

using namespace plainsight;

namespace {

Tensor filled(Shape shape) {
  Tensor t(shape);
  for (std::int64_t i = 0; i < t.size(); ++i) t[i] = static_cast<float>(i % 13) - 6;
  return t;
}

void report(benchmark::State& state, double m, double n, double k) {
  using benchmark::Counter;
  const auto runs = static_cast<double>(state.iterations());
  state.counters["FLOP/s"] = Counter(2 * m * n * k * runs, Counter::kIsRate);
  state.counters["bytes/s"] = Counter(4 * (m * k + k * n + m * n) * runs, Counter::kIsRate);
}

// Arguments: M, N, K, A transposed, B transposed.
void product(benchmark::State& state) {
  const std::int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  const bool ta = state.range(3) != 0, tb = state.range(4) != 0;
  const Tensor a = filled(ta ? Shape{k, m} : Shape{m, k}), b = filled(tb ? Shape{n, k} : Shape{k, n});
  Tensor c({m, n});
  for (auto _ : state) gemm(c, a, Trans{ta}, b, Trans{tb}, Accumulate::no);
  report(state, static_cast<double>(m), static_cast<double>(n), static_cast<double>(k));
}
BENCHMARK(product)
    ->ArgNames({"M", "N", "K", "transA", "transB"})
    ->Args({680, 30524, 256, 0, 1})
    ->Args({680, 256, 30524, 0, 0})
    ->Args({30524, 256, 680, 1, 0})
    ->Args({680, 1024, 256, 0, 1})
    ->Args({64, 256, 4096, 0, 1})
    ->Args({512, 512, 512, 0, 0})
    ->Args({1024, 1024, 1024, 0, 0})
    ->Args({2048, 2048, 2048, 0, 0})
    ->UseRealTime();

// B is packed once, outside the loop: the recurrent product, and the output layer of decoding.
void product_packed(benchmark::State& state) {
  const std::int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  const Tensor a = filled({m, k}), b = filled({n, k});
  const PackedB packed(b, Trans::yes);
  Tensor c({m, n});
  for (auto _ : state) gemm_packed(c, a, packed, Accumulate::no);
  report(state, static_cast<double>(m), static_cast<double>(n), static_cast<double>(k));
}
BENCHMARK(product_packed)
    ->ArgNames({"M", "N", "K"})
    ->Args({64, 1024, 256})
    ->Args({1, 30524, 256})
    ->Args({3, 30524, 256})
    ->Args({64, 30524, 256})
    ->UseRealTime();

void pack(benchmark::State& state) {
  const Tensor b = filled({state.range(0), state.range(1)});
  PackedB packed(b, Trans::yes);
  for (auto _ : state) packed.repack(b, Trans::yes);
  state.SetBytesProcessed(state.iterations() * b.size() * 8);
}
BENCHMARK(pack)->ArgNames({"N", "K"})->Args({1024, 256})->Args({30524, 256})->UseRealTime();

}  // namespace
