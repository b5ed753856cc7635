#include <cstdio>

#include "apps/commands/commands.h"
#include "engine/base/error.h"
#include "model/run/loaded_run.h"
#include "model/vgg16/vgg16_layers.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  std::string weights, run;
};

/// One line of a table: what a layer makes of one input, and what that costs.
struct Row {
  std::string layer;
  Shape output;
  std::int64_t parameters, multiply_adds;
};

void print_table(const char* title, const std::vector<Row>& rows) {
  std::printf("%-22s %-16s %14s %18s\n", title, "output", "parameters", "multiply-adds");
  std::int64_t parameters = 0, multiply_adds = 0;
  for (const Row& r : rows) {
    std::printf("%-22s %-16s %14lld %18lld\n", r.layer.c_str(), r.output.str().c_str(),
                static_cast<long long>(r.parameters), static_cast<long long>(r.multiply_adds));
    parameters += r.parameters;
    multiply_adds += r.multiply_adds;
  }
  std::printf("%-22s %-16s %14lld %18lld\n%-22s %.2f MB as float32\n", "total", "",
              static_cast<long long>(parameters), static_cast<long long>(multiply_adds), "",
              static_cast<double>(parameters) * 4 / 1e6);
}

Row linear(const std::string& name, std::int64_t in, std::int64_t out, std::int64_t times = 1) {
  return {name, times == 1 ? Shape{1, out} : Shape{1, times, out}, (in + 1) * out, in * out * times};
}

std::vector<Row> vgg16_rows() {
  std::vector<Row> rows;
  for (const auto& [name, s] : vgg16::conv_layers()) {
    rows.push_back({std::string(name) + " conv 3x3",
                    {1, s.out_channels, s.height, s.width},
                    (9 * s.in_channels + 1) * s.out_channels,
                    9 * s.in_channels * s.out_channels * s.height * s.width});
    if (s.pool) rows.push_back({"  max-pool 2x2", {1, s.out_channels, s.height / 2, s.width / 2}, 0, 0});
  }
  rows.push_back(linear("classifier.0 linear", vgg16::kFlat, vgg16::kHidden));
  rows.push_back(linear("classifier.3 linear", vgg16::kHidden, vgg16::kHidden));
  rows.push_back(linear("classifier.6 linear", vgg16::kHidden, vgg16::kClasses));
  return rows;
}

std::vector<Row> captioner_rows(const CaptionerShape& s, std::int64_t T) {
  const std::int64_t H = s.hidden;
  return {linear("img_to_h linear", s.features, H),
          linear("img_to_c linear", s.features, H),
          {"embedding", {1, T, s.embed}, s.vocab * s.embed, 0},
          {"lstm", {1, T, H}, 4 * H * (s.embed + H + 2), T * 4 * H * (s.embed + H)},
          linear("fc linear", H, s.vocab, T)};
}

int summary(const Options& o) {
  apply(o.common);
  const bool both = o.weights.empty() && o.run.empty();
  if (!o.weights.empty()) {  // throws unless its tensors are those of VGG16 up to fc7
    const SafetensorsFile weights{std::filesystem::path(o.weights)};
    vgg16::weights_of(weights, FeatureLayer::fc7);
  }
  if (both || !o.weights.empty()) print_table("VGG16", vgg16_rows());
  if (both || !o.weights.empty()) std::printf("\n");
  CaptionerShape shape;
  int max_length = 31;
  if (!o.run.empty()) {
    const LoadedRun run{RunFolder(o.run)};
    shape = run.config().shape;
    max_length = run.config().max_length;
  }
  if (both || !o.run.empty()) print_table("captioner", captioner_rows(shape, max_length));
  return kDone;
}

}  // namespace

void add_summary(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "summary",
      "Layers, shapes, parameters and multiply-adds of the networks (without files: the notebook's)");
  command->add_option("--weights", o->weights, "VGG16's weights: checks that they fit")->type_name("FILE");
  command->add_option("--run", o->run, "Run folder: the captioner that it holds")->type_name("DIR");
  add_common(*command, o->common, "plainsight summary --run run");
  command->callback([o, &action] { action = [o] { return summary(*o); }; });
}

}  // namespace plainsight
