// VGG16's layers as they are: each convolution with every algorithm, fc6 and fc7, and the whole network.
// `GFLOP/s` counts the convolution as defined, `products` the multiplications that are really done, `ceiling` their share
// of multiply-adds in registers. "cold" runs after other data have passed through the caches.
//
//   bench_vgg16 --benchmark_filter='conv/features.2/.*batch:8'

#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "bench/ceilings.h"
#include "engine/base/parallel.h"
#include "engine/infer/dense.h"
#include "engine/infer/layout.h"
#include "model/vgg16.h"

using namespace plainsight;

namespace {

Tensor random_tensor(Shape shape, float scale) {
  Tensor t(shape);
  std::minstd_rand random(1);
  for (std::int64_t i = 0; i < t.size(); ++i)
    t[i] = scale * (static_cast<float>(random() % 2001) - 1000.0f) / 1000.0f;
  return t;
}

/// Larger than any cache here: reading it leaves the caches without what a benchmark left there.
void empty_caches() {
  static const Tensor large = random_tensor({std::int64_t{32} << 20}, 1);
  float sum = 0;
  for (std::int64_t i = 0; i < large.size(); i += kChannelBlock) sum += large[i];
  benchmark::DoNotOptimize(sum);
}

double ceiling() {
  static const double flops = bench::fma_ceiling(kernels(), 0.2) * 1e9;
  return flops;
}

void convolution(benchmark::State& state, const ConvShape& shape, const ConvOptions& options,
                 std::int64_t images, bool cold) {
  const Tensor weight = random_tensor({shape.out_channels, shape.in_channels, 3, 3}, 0.05f);
  const Tensor bias = random_tensor({shape.out_channels}, 0.1f);
  const ConvPlan plan(shape, weight, bias, options);
  const Tensor in = random_tensor(plan.in_shape(images), 1);
  Tensor out(plan.out_shape(images)), workspace({plan.workspace_size()});
  for (auto _ : state) {
    if (cold) {
      state.PauseTiming();
      empty_caches();
      state.ResumeTiming();
    }
    plan.run(out, in, workspace);
  }
  using Counter = benchmark::Counter;
  const double n = static_cast<double>(images), products = n * static_cast<double>(plan.info().product_flops);
  state.counters["FLOP/s"] =
      Counter(n * static_cast<double>(plan.info().flops), Counter::kIsIterationInvariantRate);
  state.counters["products"] = Counter(products, Counter::kIsIterationInvariantRate);
  state.counters["ceiling"] = Counter(products / ceiling(), Counter::kIsIterationInvariantRate);
  state.counters["bytes"] = static_cast<double>(4 * (in.size() + out.size()) + plan.info().weight_bytes);
}

void fully_connected(benchmark::State& state, std::int64_t depth, std::int64_t outputs, std::int64_t images) {
  const Tensor weight = random_tensor({outputs, depth}, 0.01f), bias({outputs});
  const Tensor x = random_tensor({images, depth}, 1);
  Tensor y({images, outputs});
  for (auto _ : state) dense(y, x, weight, bias, true);
  using Counter = benchmark::Counter;
  state.counters["FLOP/s"] =
      Counter(2.0 * static_cast<double>(images * depth * outputs), Counter::kIsIterationInvariantRate);
  state.counters["bytes/s"] =
      Counter(4.0 * static_cast<double>(weight.size()), Counter::kIsIterationInvariantRate);
}

void register_all() {
  const std::pair<const char*, ConvOptions> methods[] = {
      {"auto", {}},
      {"winograd4", {.algorithm = ConvAlgorithm::winograd, .winograd_tile = 4}},
      {"winograd6", {.algorithm = ConvAlgorithm::winograd, .winograd_tile = 6}},
      {"direct", {.algorithm = ConvAlgorithm::direct}},
      {"im2col", {.algorithm = ConvAlgorithm::im2col}}};
  for (const Vgg16::Layer& layer : Vgg16::layers())
    for (const auto& [name, options] : methods) {
      if (layer.shape.planar_input && options.algorithm != ConvAlgorithm::auto_) continue;
      for (std::int64_t images : {1, 8})
        for (bool cold : {false, true}) {
          const std::string full = std::string("conv/") + layer.name + "/" + name +
                                   "/batch:" + std::to_string(images) + (cold ? "/cold" : "/warm");
          benchmark::RegisterBenchmark(full.c_str(), convolution, layer.shape, options, images, cold)
              ->Unit(benchmark::kMillisecond)
              ->UseRealTime();
        }
    }
  for (std::int64_t images : {1, 8, 16}) {
    const std::string batch = "/batch:" + std::to_string(images);
    benchmark::RegisterBenchmark(("fc6" + batch).c_str(), fully_connected, 25088, 4096, images)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark(("fc7" + batch).c_str(), fully_connected, 4096, 4096, images)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
}

const bool registered = (register_all(), true);

}  // namespace
