#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "apps/commands/commands.h"
#include "apps/commands/decode_choice.h"
#include "data/image_decode.h"
#include "data/image_normalize.h"
#include "data/image_resize.h"
#include "data/preprocess.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/printable.h"
#include "engine/kernels/isa/peak.h"
#include "model/captioner/captioner_step.h"
#include "model/captioner/logits.h"
#include "model/run/loaded_run.h"
#include "model/vgg16/image_encoder.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  std::string run, weights, image;
};

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Runs `f` once to warm the caches, then three times; the shortest time in milliseconds.
template <class F>
double time_of(F&& f) {
  f();
  double best = 1e300;
  for (int i = 0; i < 3; ++i) {
    const auto start = Clock::now();
    f();
    best = std::min(best, milliseconds_since(start));
  }
  return best;
}

/// Prints shape, extremes, mean, standard deviation and the share of zeros.
void print_statistics(const std::string& stage, const Shape& shape, std::span<const float> x) {
  double sum = 0, squares = 0;
  std::size_t zeros = 0;
  for (const float v : x) {
    sum += static_cast<double>(v);
    zeros += v == 0.0f;
  }
  const double n = static_cast<double>(x.size()), mean = sum / n;
  for (const float v : x) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  std::printf("%-14s %-16s min %9.4f  max %9.4f  mean %9.4f  std %9.4f  zero %4.1f %%\n", stage.c_str(),
              shape.str().c_str(), static_cast<double>(*low), static_cast<double>(*high), mean,
              std::sqrt(squares / n), 100 * static_cast<double>(zeros) / n);
}

std::span<const float> values(ConstView x) { return {x.data, static_cast<std::size_t>(x.size())}; }

/// Prints how the layer is computed, its time and its rates; `peak` is in GFLOP/s.
void print_cost(const NetworkLayer& layer, double milliseconds, double peak) {
  const double rate = layer.flops / milliseconds / 1e6, executed = layer.executed_flops / milliseconds / 1e6;
  std::printf("%-14s %s, weights %.1f MB", "", layer.method.c_str(), layer.weight_bytes / 1e6);
  if (layer.workspace_bytes > 0) std::printf(", workspace %.1f MB", layer.workspace_bytes / 1e6);
  std::printf("\n%-14s %.2f ms: %.0f GFLOP/s", "", milliseconds, rate);
  if (layer.executed_flops != layer.flops) std::printf(" as defined, %.0f executed", executed);
  std::printf(", %.0f %% of the peak", 100 * executed / peak);
  // Fewer operations than bytes: reading the weights limits this layer.
  if (layer.flops < layer.weight_bytes)
    std::printf("; %.1f GB/s of weights", layer.weight_bytes / milliseconds / 1e6);
  std::printf("\n");
}

/// Runs every layer by itself, then the whole network; returns the features.
Tensor explain_network(FeatureNetwork& network, const Tensor& image) {
  const double peak = fma_peak(kernels(), 0.05);
  std::printf("%-14s %.0f GFLOP/s of multiply-adds in registers, on %d threads\n", "peak", peak, threads());
  Tensor in = image.clone();
  double layers = 0;
  for (const NetworkLayer& layer : network.layers()) {
    Tensor out(layer.output);
    const double milliseconds = time_of([&] { layer.run(out, in); });
    layers += milliseconds;
    print_statistics(layer.name, out.shape(), values(out));
    print_cost(layer, milliseconds, peak);
    in = std::move(out);
  }
  Tensor features({1, network.feature_dim()});
  const double whole = time_of([&] { network.run(features, image); });
  print_statistics("features", features.shape(), values(features));
  std::printf("%-14s %.2f ms the whole network, %.2f ms its layers one by one\n", "", whole, layers);
  return features;
}

/// Prints the five likeliest words and returns their ids, likeliest first.
std::vector<std::int32_t> print_words(const LoadedRun& run, std::span<const float> logits, int step) {
  std::vector<std::int32_t> best(std::min<std::size_t>(5, logits.size()));
  largest(best, logits);
  const double log_sum = log_sum_exp(logits);
  std::printf("step %-3d", step);
  for (const std::int32_t id : best)
    std::printf("  %s %.3f", printable(run.wordpiece().piece(id)).c_str(),
                std::exp(static_cast<double>(logits[id]) - log_sum));
  std::printf("\n");
  return best;
}

/// The caption that `plainsight caption` prints for these features by default.
void print_caption(const LoadedRun& run, ConstView features) {
  const auto start = Clock::now();
  const DecodeOptions options = decode_options({}, run.config().max_length);
  const auto captions = run.decoder().decode(features, options, 0);
  std::printf("beam of %d, what caption says: %s   (%.1f ms)\n", options.beam,
              printable(run.text(captions.front().front())).c_str(), milliseconds_since(start));
}

void explain_captioner(const LoadedRun& run, ConstView features) {
  const auto step = make_captioner_step(run.weights());
  const CaptionerShape& s = step->shape();
  Tensor h({1, s.hidden}), c({1, s.hidden}), x({1, s.embed}), gates({1, 4 * s.hidden}), logits({1, s.vocab});
  step->start(h, c, features);
  print_statistics("h0", h.shape(), values(h));
  print_statistics("c0", c.shape(), values(c));
  std::printf("\nGreedy words, the five likeliest at each step with their probabilities:\n");
  std::vector<std::int32_t> tokens{run.wordpiece().sos()};
  const auto start = Clock::now();
  while (static_cast<int>(tokens.size()) < run.config().max_length) {
    step->advance(h, c, x, gates, std::span(&tokens.back(), 1));
    step->output(logits, h);
    tokens.push_back(print_words(run, values(logits), static_cast<int>(tokens.size())).front());
    if (tokens.back() == run.wordpiece().eos() || tokens.back() == run.wordpiece().pad()) break;
  }
  std::printf("\ngreedy: %s   (%.1f ms)\n", printable(run.wordpiece().decode(tokens)).c_str(),
              milliseconds_since(start));
  print_caption(run, features);
}

/// Decodes, resizes and normalises one image, and prints the time of each step.
Tensor explain_preprocessing(const std::string& file) {
  auto start = Clock::now();
  const Image image = decode_image(file);
  std::printf("%-14s [%d,%d,3] decoded in %.2f ms\n", "image", image.height, image.width,
              milliseconds_since(start));
  start = Clock::now();
  constexpr int kSide = static_cast<int>(vgg16::kSide);
  const Image small = resize_bilinear(image, kSide, kSide);
  std::printf("%-14s [%d,%d,3] resized in %.2f ms\n", "", small.height, small.width,
              milliseconds_since(start));
  Tensor pixels({1, 3, kSide, kSide});
  normalize(pixels.view().reshaped({3, kSide, kSide}), small);
  print_statistics("normalised", pixels.shape(), values(pixels));
  return pixels;
}

int explain(const Options& o) {
  apply(o.common);
  const LoadedRun run{RunFolder(o.run)};
  const auto start = Clock::now();
  ImageEncoder encoder(o.weights, {.layer = feature_layer(run.feature_layer()), .conv = {}});
  const double opening = milliseconds_since(start);
  run.check_features(encoder.feature_dim(), encoder.source().metadata(), o.weights);
  std::printf("%s, %d threads\n\n", engine_in_words().c_str(), threads());
  const Tensor pixels = explain_preprocessing(o.image);
  std::printf("%-14s opened and prepared in %.0f ms\n", "weights", opening);
  const Tensor features = explain_network(encoder.network(), pixels);
  explain_captioner(run, features);
  return kDone;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("explain", "Follow one image: shapes, statistics, kernels, times, likeliest words");
  command->add_option("--run", o->run, "Run folder of train")->required()->type_name("DIR");
  command->add_option("--weights", o->weights, "VGG16's weights, as for extract")
      ->required()
      ->type_name("FILE");
  command->add_option("IMAGE", o->image, "A JPEG or PNG image")->required()->type_name("FILE");
  add_engine_option(*command, o->common);
  add_common(*command, o->common, "plainsight explain --run run --weights vgg16.safetensors dog.jpg");
  command->callback([o, &action] { action = [o] { return explain(*o); }; });
}

}  // namespace plainsight
