// Decoding with a captioner of the notebook's sizes and random weights, from given features: greedy and with
// a beam of 3, one image at a time and 64 together. No caption ends before its 12 words, so every search does
// all of its work.

#include <benchmark/benchmark.h>

#include "model/captioner/decoder.h"
#include "tests/model/captioner/tiny_captioner.h"

using namespace plainsight;

namespace {

// Arguments: images, beam (1: greedy).
void decode(benchmark::State& state) {
  const std::int64_t images = state.range(0);
  static const test::TinyCaptioner captioner(CaptionerShape{}, 1);
  static const Decoder decoder(captioner.weights(), {30522, 30523, 0});
  const Tensor features = test::random_features(images, CaptionerShape{}.features, 2);
  DecodeOptions options;
  options.beam = static_cast<int>(state.range(1));
  options.max_length = 13;
  for (auto _ : state) decoder.decode(features, options);
  state.counters["ms/caption"] =
      benchmark::Counter(1e-3 * static_cast<double>(state.iterations() * images),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(decode)
    ->ArgNames({"images", "beam"})
    ->Args({1, 1})
    ->Args({1, 3})
    ->Args({64, 1})
    ->Args({64, 3})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
