#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "apps/commands/commands.h"
#include "apps/commands/decode_choice.h"
#include "data/image.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/printable.h"
#include "engine/infer/dense.h"
#include "engine/infer/layout.h"
#include "engine/io/fingerprint.h"
#include "engine/kernels/isa/peak.h"
#include "model/captioner/captioner_step.h"
#include "model/captioner/logits.h"
#include "model/run/loaded_run.h"
#include "model/vgg16/vgg16.h"

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

/// Shape, extremes, mean, deviation, and the share of zeros.
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

std::span<const float> numbers(ConstView x) { return {x.data, static_cast<std::size_t>(x.size())}; }

/// `ceiling` is in GFLOP/s.
void print_plan(const ConvPlan& plan, double milliseconds, double ceiling) {
  const ConvPlanInfo& info = plan.info();
  const double products = static_cast<double>(info.product_flops) / milliseconds / 1e6;
  std::printf("%-14s %s, %s of %lld %s%s, weights %.1f MB, workspace %.1f MB\n", "",
              method_name(info).c_str(), info.cooperative ? "cooperative blocks" : "per-thread blocks",
              static_cast<long long>(info.block),
              info.algorithm == ConvAlgorithm::winograd ? "tiles" : "rows",
              info.int8 ? ", products in int8 on AMX" : "", static_cast<double>(info.weight_bytes) / 1e6,
              static_cast<double>(plan.workspace_size()) * sizeof(float) / 1e6);
  std::printf("%-14s %.2f ms: %.0f GFLOP/s as defined, %.0f really computed, %.0f %% of the ceiling\n", "",
              milliseconds, static_cast<double>(info.flops) / milliseconds / 1e6, products,
              100 * products / ceiling);
}

/// A product with one row is bounded by reading its weights, so their rate is told beside the FLOP/s.
void print_plan(const Vgg16::Linear& layer, double milliseconds, double ceiling) {
  const double weights = static_cast<double>(layer.weight.size()), flops = 2 * weights / milliseconds / 1e6;
  std::printf("%-14s one product with the file's own weights, %.1f MB, threads share the outputs\n", "",
              weights * sizeof(float) / 1e6);
  std::printf("%-14s %.2f ms: %.0f GFLOP/s, %.0f %% of the ceiling; %.1f GB/s of weights\n", "", milliseconds,
              flops, 100 * flops / ceiling, weights * sizeof(float) / milliseconds / 1e6);
}

/// Every layer by itself, then the whole network; returns the features.
Tensor explain_network(Vgg16& vgg, const Tensor& picture) {
  const double ceiling = fma_peak(kernels(), 0.05);
  std::printf("%-14s %.0f GFLOP/s of multiply-adds in registers, on %d threads\n", "ceiling", ceiling,
              threads());
  Tensor in = picture.clone();
  double layers = 0;
  for (std::size_t i = 0; i < vgg.plans().size(); ++i) {
    const ConvPlan& plan = vgg.plans()[i];
    Tensor out(plan.out_shape(1)), workspace({plan.workspace_size()});
    const double milliseconds = time_of([&] { plan.run(out, in, workspace); });
    layers += milliseconds;
    print_statistics(Vgg16::layers()[i].name, out.shape(), numbers(out));
    print_plan(plan, milliseconds, ceiling);
    in = std::move(out);
  }
  Tensor x({1, 512, 7, 7});
  from_blocked(x, in);
  for (const Vgg16::Linear& layer : vgg.classifier()) {
    Tensor y({1, layer.bias.size()});
    const double milliseconds = time_of([&] {
      dense(y, x.view().reshaped({1, x.size()}), layer.weight, layer.bias, layer.relu);
    });
    layers += milliseconds;
    print_statistics(layer.name, y.shape(), numbers(y));
    print_plan(layer, milliseconds, ceiling);
    x = std::move(y);
  }
  Tensor features({1, vgg.feature_dim()});
  const double whole = time_of([&] { vgg.run(features, picture); });
  print_statistics("features", features.shape(), numbers(features));
  std::printf("%-14s %.2f ms the whole network, %.2f ms its layers one by one\n", "", whole, layers);
  return features;
}

/// The likeliest five words, likeliest first.
std::vector<std::int32_t> print_words(const LoadedRun& run, std::span<const float> logits, int step) {
  std::vector<std::int32_t> best(std::min<std::size_t>(5, logits.size()));
  largest(best, logits);
  const double log_sum = log_sum_exp(logits);
  std::printf("step %-3d", step);
  for (const std::int32_t id : best)
    std::printf("  %s %.3f", printable(run.wordpiece().piece(id)).c_str(),
                std::exp(static_cast<double>(logits[static_cast<std::size_t>(id)]) - log_sum));
  std::printf("\n");
  return best;
}

/// What `plainsight caption` says of these features.
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
  print_statistics("h0", h.shape(), numbers(h));
  print_statistics("c0", c.shape(), numbers(c));
  std::printf("\nGreedy words, the five likeliest at each step with their probabilities:\n");
  std::vector<std::int32_t> tokens{run.wordpiece().sos()};
  const auto start = Clock::now();
  while (static_cast<int>(tokens.size()) < run.config().max_length) {
    step->advance(h, c, x, gates, std::span(&tokens.back(), 1));
    step->output(logits, h);
    tokens.push_back(print_words(run, numbers(logits), static_cast<int>(tokens.size())).front());
    if (tokens.back() == run.wordpiece().eos() || tokens.back() == run.wordpiece().pad()) break;
  }
  std::printf("\ngreedy: %s   (%.1f ms)\n", printable(run.wordpiece().decode(tokens)).c_str(),
              milliseconds_since(start));
  print_caption(run, features);
}

int explain(const Options& o) {
  apply(o.common);
  const LoadedRun run{RunFolder(o.run)};
  const auto kind = run.config().features.find("layer");
  const std::string layer = kind == run.config().features.end() ? "fc7" : kind->second;
  const SafetensorsFile weights{std::filesystem::path(o.weights)};
  auto start = Clock::now();
  const Image image = decode_image(o.image);
  const double decoding = milliseconds_since(start);
  std::printf("instruction set %s, %d threads\n\n", name_of(kernels().isa), threads());
  std::printf("%-14s [%d,%d,3] decoded in %.2f ms\n", "picture", image.height, image.width, decoding);
  start = Clock::now();
  constexpr int kSide = static_cast<int>(Vgg16::kSide);
  const Image small = resize_bilinear(image, kSide, kSide);
  std::printf("%-14s [%d,%d,3] resized in %.2f ms\n", "", small.height, small.width,
              milliseconds_since(start));
  Tensor picture({1, 3, Vgg16::kSide, Vgg16::kSide});
  normalize(picture.view().reshaped({3, Vgg16::kSide, Vgg16::kSide}), small);
  print_statistics("normalised", picture.shape(), numbers(picture));
  start = Clock::now();
  Vgg16 vgg(weights, {.layer = feature_layer(layer), .conv = {}});
  std::printf("%-14s opened and transformed in %.0f ms\n", "weights", milliseconds_since(start));
  const FeatureSource source{"vgg16", layer, kPreprocessing, fingerprint(weights)};
  run.check_features(vgg.feature_dim(), source.metadata(), o.weights);
  const Tensor features = explain_network(vgg, picture);
  explain_captioner(run, features);
  return kDone;
}

}  // namespace

void add_explain(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "explain", "Follow one picture: shapes, statistics, kernels, times, likeliest words");
  command->add_option("--run", o->run, "Run folder of train")->required()->type_name("DIR");
  command->add_option("--weights", o->weights, "VGG16's weights, as for extract")
      ->required()
      ->type_name("FILE");
  command->add_option("IMAGE", o->image, "A JPEG or PNG picture")->required()->type_name("FILE");
  add_common(*command, o->common, "plainsight explain --run run --weights vgg16.safetensors dog.jpg");
  command->callback([o, &action] { action = [o] { return explain(*o); }; });
}

}  // namespace plainsight
