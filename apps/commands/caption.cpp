#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/cli/interrupts.h"
#include "apps/cli/progress.h"
#include "apps/commands/commands.h"
#include "apps/commands/decode_choice.h"
#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "model/run/loaded_run.h"
#include "model/vgg16/image_encoder.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  DecodeChoice decode;
  std::string run, weights, features;
  std::vector<std::string> images, ids;
  bool json = false;
};

/// Images that go through the network and the decoder together.
constexpr std::size_t kGroup = 16;

/// Named images and their features, a group at a time.
struct Inputs {
  std::vector<std::string> names;
  /// Fills out [n,D] with the features of names [begin, begin + n). Returns the indices that could be read,
  /// in the order of the rows, and names the others on stderr.
  std::function<std::vector<std::size_t>(View out, std::size_t begin, std::size_t n)> fill;
};

Inputs from_store(const Options& o, const LoadedRun& run) {
  auto store = std::make_shared<FeatureStore>(o.features);
  run.check_features(store->dim(), store->metadata(), o.features);
  Inputs in{o.ids, {}};
  if (in.names.empty())
    for (std::size_t i = 0; i < store->size(); ++i) in.names.emplace_back(store->id(i));
  for (const std::string& id : in.names)
    if (!store->find(id))
      throw Error("cannot caption", "--id " + id, "the feature file has no image of this id: " + o.features,
                  "An id is an image's file name up to its first dot; every word after --id is one");
  in.fill = [store, ids = in.names](View out, std::size_t begin, std::size_t n) {
    std::vector<std::size_t> read;
    for (std::size_t i = begin; i < begin + n; ++i) {
      const auto row = store->finite_row(*store->find(ids[i]));
      std::copy(row.begin(), row.end(), out.row(static_cast<std::int64_t>(read.size())));
      read.push_back(i);
    }
    return read;
  };
  return in;
}

Inputs from_images(const Options& o, const LoadedRun& run) {
  auto encoder = std::make_shared<ImageEncoder>(
      o.weights, Vgg16Options{.layer = feature_layer(run.feature_layer()), .conv = {}});
  run.check_features(encoder->feature_dim(), encoder->source().metadata(), o.weights);
  Inputs in{o.images, {}};
  in.fill = [encoder, files = std::vector<std::filesystem::path>(o.images.begin(), o.images.end())](
                View out, std::size_t begin, std::size_t n) {
    EncodedFiles encoded = encoder->encode(out, std::span(files).subspan(begin, n));
    for (const auto& [file, reason] : encoded.skipped)
      std::fprintf(stderr, "plainsight: skipped: %s\n", reason.c_str());
    for (std::size_t& row : encoded.rows) row += begin;
    return encoded.rows;
  };
  return in;
}

nlohmann::ordered_json to_json(const LoadedRun& run, const std::string& name, const Hypothesis& caption) {
  nlohmann::ordered_json tokens = nlohmann::ordered_json::array();
  for (const std::int32_t id : caption.tokens) tokens.push_back(run.wordpiece().piece(id));
  return {{"image", name},
          {"caption", run.text(caption)},
          {"tokens", tokens},
          {"log_probability", caption.log_probability}};
}

std::string text_of(const nlohmann::ordered_json& json) {
  // A file name may hold any bytes.
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

int caption(const Options& o) {
  apply(o.common);
  if (o.features.empty() && !o.ids.empty())
    throw UsageError("cannot caption", "--id",
                     "it takes every word that follows it, and names images of --features",
                     "Add that, or leave --id out");
  if (o.images.empty() == o.features.empty())
    throw UsageError("cannot caption", "IMAGE...", "give either images (with --weights) or --features");
  if (!o.images.empty() && o.weights.empty())
    throw UsageError("cannot caption", "--weights", "images need VGG16's weights");
  if (!o.features.empty() && !o.weights.empty())
    throw UsageError("cannot caption", "--weights", "it is for images, and --features needs none",
                     "Leave one of them out");
  const LoadedRun run{RunFolder(o.run)};
  const DecodeOptions options = decode_options(o.decode, run.config().max_length);
  const Inputs in = o.features.empty() ? from_images(o, run) : from_store(o, run);
  watch_interrupts();
  Progress progress("caption", "images", static_cast<std::int64_t>(in.names.size()),
                    o.common.quiet || in.names.size() <= kGroup);
  auto json = nlohmann::ordered_json::array();
  std::size_t done = 0;
  for (std::size_t begin = 0; begin < in.names.size() && !interrupted(); begin += kGroup) {
    const std::size_t n = std::min(kGroup, in.names.size() - begin);
    Tensor features({static_cast<std::int64_t>(n), run.config().shape.features});
    const std::vector<std::size_t> read = in.fill(features, begin, n);
    const auto captions =
        run.decoder().decode(features.view().slice(0, static_cast<std::int64_t>(read.size())), options,
                             static_cast<std::int64_t>(begin));
    for (std::size_t r = 0; r < read.size(); ++r)
      for (const Hypothesis& c : captions[r]) {
        const std::string& name = in.names[read[r]];
        if (o.json)
          json.push_back(to_json(run, name, c));
        else
          std::printf("%s\t%s\n", printable(name).c_str(), printable(run.text(c)).c_str());
      }
    done += read.size();
    progress.update(static_cast<std::int64_t>(begin + n));
  }
  progress.finish();
  if (o.json) std::printf("%s\n", text_of(json).c_str());
  if (interrupted()) throw Error("captioning was interrupted", o.run, "the remaining images have no caption");
  if (done == in.names.size()) return kDone;
  if (done == 0) throw Error("cannot caption", o.run, "none of the images can be read");
  return kSomeSkipped;
}

}  // namespace

void add_caption(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("caption", "Say what is in images");
  command->add_option("--run", o->run, "Run folder of train")->required()->type_name("DIR");
  command->add_option("IMAGE", o->images, "JPEG or PNG images; with them --weights")->type_name("FILE");
  command->add_option("--weights", o->weights, "VGG16's weights, as for extract")->type_name("FILE");
  command->add_option("--features", o->features, "Instead of images: what extract made of them")
      ->type_name("FILE");
  command->add_option("--id", o->ids, "With --features: these images only, one or more")
      ->option_text("ID...");
  command->add_flag("--json", o->json, "An array with tokens and log-probability instead of lines");
  add_decode_options(*command, o->decode, /*with_num=*/true);
  add_engine_option(*command, o->common);
  add_common(*command, o->common, "plainsight caption --run run --weights vgg16.safetensors dog.jpg");
  command->callback([o, &action] { action = [o] { return caption(*o); }; });
}

}  // namespace plainsight
