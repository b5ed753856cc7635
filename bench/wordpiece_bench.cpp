// WordPiece on one file of text lines: $PLAINSIGHT_BENCH_VOCAB and $PLAINSIGHT_BENCH_TEXT
// (bench/compare/wordpiece.sh sets them). Bytes per second are those of the text.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "engine/base/parallel.h"
#include "text/wordpiece.h"

namespace {

using namespace plainsight;

const char* path_from(const char* variable) {
  const char* path = std::getenv(variable);
  return path == nullptr ? "" : path;
}

struct Input {
  WordPiece wordpiece{std::filesystem::path(path_from("PLAINSIGHT_BENCH_VOCAB"))};
  std::vector<std::string> lines;
  std::int64_t bytes = 0;

  Input() {
    std::ifstream file(path_from("PLAINSIGHT_BENCH_TEXT"));
    for (std::string line; std::getline(file, line); lines.push_back(line)) bytes += std::ssize(line);
  }
};

const Input& input() {
  static const Input data;
  return data;
}

void report(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * input().bytes);
  state.SetItemsProcessed(state.iterations() * std::ssize(input().lines));
}

// All lines in one call; all ids are kept.
void encode_batch(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(0)));
  for (auto _ : state)
    benchmark::DoNotOptimize(input().wordpiece.encode_batch(std::span<const std::string>(input().lines)));
  report(state);
}
BENCHMARK(encode_batch)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond)->UseRealTime();

// One line at a time into the same buffer.
void encode_lines(benchmark::State& state) {
  std::vector<std::int32_t> ids;
  for (auto _ : state)
    for (const std::string& line : input().lines) {
      ids.clear();
      input().wordpiece.encode(line, ids);
      benchmark::DoNotOptimize(ids.data());
    }
  report(state);
}
BENCHMARK(encode_lines)->Unit(benchmark::kMillisecond);

void decode_lines(benchmark::State& state) {
  const EncodedTexts texts = input().wordpiece.encode_batch(std::span<const std::string>(input().lines));
  for (auto _ : state)
    for (std::size_t i = 0; i < texts.size(); ++i)
      benchmark::DoNotOptimize(input().wordpiece.decode(texts[i]));
  report(state);
}
BENCHMARK(decode_lines)->Unit(benchmark::kMillisecond);

void load_vocabulary(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(WordPiece(std::filesystem::path(path_from("PLAINSIGHT_BENCH_VOCAB"))));
}
BENCHMARK(load_vocabulary)->Unit(benchmark::kMillisecond);

}  // namespace
