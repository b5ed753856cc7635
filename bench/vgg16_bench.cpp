// VGG16's layers: each convolution with every algorithm, then fc6 and fc7. `FLOP/s` counts the operations of
// the convolution as defined, `products` the multiplications really computed, `peak` their share of the
// multiply-add peak in registers. "cold" runs after other data have filled the caches.
//
//   bench_vgg16 --benchmark_filter='conv/features.2/.*batch:8'

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>

#include "engine/base/parallel.h"
#include "engine/infer/dense.h"
#include "engine/infer/layout.h"
#include "engine/infer/winograd_conv.h"
#include "engine/kernels/isa/peak.h"
#include "model/vgg16/vgg16.h"

using namespace plainsight;

namespace {

Tensor random_tensor(Shape shape, float scale) {
  Tensor t(shape);
  std::minstd_rand random(1);
  for (std::int64_t i = 0; i < t.size(); ++i)
    t[i] = scale * (static_cast<float>(random() % 2001) - 1000.0f) / 1000.0f;
  return t;
}

/// Reads twice the size of the last-level cache, which evicts the benchmark's data.
void empty_caches() {
  static const std::int64_t bytes = std::max(128L << 20, 2 * ::sysconf(_SC_LEVEL3_CACHE_SIZE));
  static const Tensor large({bytes / static_cast<std::int64_t>(sizeof(float))});
  float sum = 0;
  for (std::int64_t i = 0; i < large.size(); i += kChannelBlock) sum += large[i];
  benchmark::DoNotOptimize(sum);
}

double peak() {
  static const double flops = fma_peak(kernels(), 0.2) * 1e9;
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
  state.counters["peak"] = Counter(products / peak(), Counter::kIsIterationInvariantRate);
  state.counters["bytes"] = static_cast<double>(4 * (in.size() + out.size()) + plan.info().weight_bytes);
}

/// The multiplications of a Winograd layer alone. The difference to conv/ is the cost of its transforms.
void products(benchmark::State& state, const ConvShape& shape, std::int64_t images) {
  const ConvPlan plan(shape, random_tensor({shape.out_channels, shape.in_channels, 3, 3}, 0.05f),
                      Tensor({shape.out_channels}));
  Tensor workspace = random_tensor({plan.workspace_size()}, 1);
  const auto& winograd = dynamic_cast<const WinogradConv&>(plan.method());
  for (auto _ : state) winograd.run_products(images, workspace.data());
  const double flops = static_cast<double>(images * plan.info().product_flops);
  using Counter = benchmark::Counter;
  state.counters["products"] = Counter(flops, Counter::kIsIterationInvariantRate);
  state.counters["peak"] = Counter(flops / peak(), Counter::kIsIterationInvariantRate);
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

benchmark::internal::Benchmark* in_milliseconds(benchmark::internal::Benchmark* b) {
  return b->Unit(benchmark::kMillisecond)->UseRealTime();
}

void register_layer(const vgg16::ConvLayer& layer) {
  const std::pair<const char*, ConvOptions> methods[] = {
      {"auto", {}},
      {"winograd4", {.algorithm = ConvAlgorithm::winograd, .winograd_tile = 4}},
      {"winograd6", {.algorithm = ConvAlgorithm::winograd, .winograd_tile = 6}},
      {"direct", {.algorithm = ConvAlgorithm::direct}},
      {"im2col", {.algorithm = ConvAlgorithm::im2col}}};
  const std::string conv = std::string("conv/") + layer.name + "/";
  for (std::int64_t images : {1, 8}) {
    const std::string batch = "/batch:" + std::to_string(images);
    for (const auto& [name, options] : methods) {
      if (layer.shape.planar_input && options.algorithm != ConvAlgorithm::auto_) continue;
      for (bool cold : {false, true})
        in_milliseconds(
            benchmark::RegisterBenchmark((conv + name + batch + (cold ? "/cold" : "/warm")).c_str(),
                                         convolution, layer.shape, options, images, cold));
    }
    if (!layer.shape.planar_input)
      in_milliseconds(benchmark::RegisterBenchmark((std::string("products/") + layer.name + batch).c_str(),
                                                   products, layer.shape, images));
  }
}

void register_all() {
  for (const vgg16::ConvLayer& layer : vgg16::conv_layers()) register_layer(layer);
  for (std::int64_t images : {1, 8, 16}) {
    const std::string batch = "/batch:" + std::to_string(images);
    in_milliseconds(
        benchmark::RegisterBenchmark(("fc6" + batch).c_str(), fully_connected, 25088, 4096, images));
    in_milliseconds(
        benchmark::RegisterBenchmark(("fc7" + batch).c_str(), fully_connected, 4096, 4096, images));
  }
}

const bool registered = (register_all(), true);

}  // namespace
