#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/cli/interrupts.h"
#include "apps/cli/number_option.h"
#include "apps/cli/output_path.h"
#include "apps/cli/progress.h"
#include "apps/commands/commands.h"
#include "apps/demo/centre_fc7.h"
#include "apps/demo/image_set.h"
#include "apps/demo/outcome.h"
#include "data/captions.h"
#include "data/feature_store.h"
#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "model/vgg16/write_random_vgg16.h"

namespace plainsight {
namespace {

namespace fs = std::filesystem;
using demo::ImageSet;
using demo::Outcome;

constexpr std::uint64_t kSeed = 2026;
constexpr int kEpochs = 60;
constexpr std::size_t kCalibration = 64;  // images on which the random features are centred
constexpr std::size_t kShown = 6;         // images that the command `caption` is shown with

struct DemoOptions {
  CommonOptions common;
  std::string out = "demo";
  int size = 600;
};

/// The files that the demo makes in its folder.
struct DemoFiles {
  explicit DemoFiles(const fs::path& folder)
      : marker(folder / "made-by-plainsight-demo"),
        weights(folder / "vgg16-random.safetensors"),
        drawn(folder / "vgg16-drawn.safetensors"),
        calibration(folder / "calibration"),
        features(folder / "features.safetensors"),
        exchanged(folder / "features-exchanged.safetensors"),
        run(folder / "run"),
        results(folder / "results.json"),
        results_exchanged(folder / "results-exchanged.json"),
        report(folder / "report.html") {}
  fs::path marker, weights, drawn, calibration, features, exchanged, run, results, results_exchanged, report;
};

/// A stage ended with this exit code, having said why.
struct StageFailed {
  int code;
};

void say(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

// Called between the stages that are commands, and within the others.
void refuse_if_interrupted(const DemoOptions& options) {
  if (interrupted())
    throw Error("the demo was interrupted", options.out, "it is not complete",
                "The same command begins anew");
}

// Shows the command, then runs it as the shell would: the demo does what it teaches.
void run_stage(const DemoOptions& options, const std::string& title, std::vector<std::string> words) {
  words.insert(words.begin(), "plainsight");
  std::string line = "\n" + title + "\n$";
  for (const std::string& word : words) line += " " + word;
  say(line);
  if (options.common.quiet) words.push_back("--quiet");
  if (!options.common.engine.empty()) words.push_back("--engine=" + options.common.engine);
  if (options.common.threads > 0) words.push_back("--threads=" + std::to_string(options.common.threads));
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int code = run_plainsight(static_cast<int>(words.size()), arguments.data());
  if (code != kDone || interrupted()) throw StageFailed{code == kDone ? kFailed : code};
}

// Accepts an empty folder, or one that an earlier demo made: no other files are overwritten.
void prepare_folder(const fs::path& folder, const DemoFiles& files) {
  check_output_folder(folder);
  if (fs::exists(folder) && !fs::exists(files.marker) && !(fs::is_directory(folder) && fs::is_empty(folder)))
    throw UsageError("cannot make the demo", folder.string(), "the folder holds files that no demo made",
                     "Choose another with --out");
  fs::create_directories(folder);
  write_file(files.marker, "This folder was made by `plainsight demo`, which replaces what is in it.\n");
  for (const char* made : {"Images", "splits", "run"}) fs::remove_all(folder / made);
  for (const fs::path& made :
       {files.features, files.exchanged, files.results, files.results_exchanged, files.report})
    fs::remove(made);
}

ImageSet make_images(const DemoOptions& options) {
  say("Drawing " + std::to_string(options.size) + " scenes and describing each in five sentences");
  Progress progress("draw", "images", options.size, options.common.quiet);
  return demo::make_image_set(options.out, options.size, kSeed, [&](int done) {
    refuse_if_interrupted(options);
    progress.update(done);
  });
}

// Random weights, then fc7 centred on a few training images:
// those weights give every image nearly the same features.
void make_weights(const DemoOptions& options, const DemoFiles& files, const ImageSet& set) {
  if (fs::exists(files.weights)) return;
  say("\nWriting VGG16 with RANDOM weights, 553 MB: " + files.weights.string() +
      "\n(Trained ones are one command away: scripts/get-assets.sh. These have never seen an image.)");
  write_random_vgg16(files.drawn, kSeed);
  refuse_if_interrupted(options);
  fs::remove_all(files.calibration);
  fs::create_directories(files.calibration);
  for (std::size_t i = 0; i < std::min(kCalibration, set.train); ++i)
    fs::copy_file(set.images / set.files[i], files.calibration / set.files[i]);
  const fs::path features = files.calibration / "features.safetensors";
  run_stage(options, "A few images through it, to centre its random features on",
            {"extract", "--images", files.calibration, "--weights", files.drawn, "--out", features});
  centre_fc7(files.drawn, FeatureStore(features), files.weights);
  refuse_if_interrupted(options);
  fs::remove(files.drawn);
  fs::remove_all(files.calibration);
}

// The same features, those of the unseen scenes moved on by one image: each gets those of another.
void write_exchanged(const ImageSet& set, const DemoFiles& files) {
  const FeatureStore own(files.features);
  std::vector<std::string> ids;
  for (std::size_t i = set.train + set.val; i < set.files.size(); ++i) ids.push_back(image_id(set.files[i]));
  const Metadata& from = own.metadata();
  FeatureStoreWriter writer(files.exchanged, ids, own.dim(),
                            {.encoder = from.at("encoder"),
                             .layer = from.at("layer"),
                             .preprocessing = from.at("preprocessing"),
                             .weights = from.at("weights"),
                             .engine = from.at("engine")});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::span<const float> row = own.row(own.find(ids[(i + 1) % ids.size()]).value());
    writer.append(ConstView{row.data(), {own.dim()}});
  }
  writer.commit();
}

// The captions that `evaluate --results` wrote for the unseen scenes, in their order.
Outcome read_outcome(const ImageSet& set, const fs::path& results) {
  std::map<std::string, std::string> said;
  for (const auto& entry : nlohmann::json::parse(std::ifstream(results)))
    said[entry.at("image_id").get<std::string>()] = entry.at("caption").get<std::string>();
  std::vector<std::string> captions;
  for (std::size_t i = set.train + set.val; i < set.files.size(); ++i)
    captions.push_back(said.at(image_id(set.files[i])));
  return demo::judge(set, std::move(captions));
}

void print_outcome(const Outcome& own, const Outcome& exchanged) {
  std::printf("\n%zu unseen scenes          own features   another image's\n", own.captions.size());
  std::printf("  %-24s%8.2f   %12.2f\n", "BLEU-4", 100 * own.bleu4, 100 * exchanged.bleu4);
  for (std::size_t a = 0; a < demo::kAttributes; ++a)
    std::printf("  %-8s named rightly  %8.0f %% %12.0f %%\n", demo::name_of(static_cast<demo::Attribute>(a)),
                100 * own.rightly[a], 100 * exchanged.rightly[a]);
}

void run_stages(const DemoOptions& options) {
  const fs::path folder = options.out;
  const DemoFiles files(folder);
  prepare_folder(folder, files);
  watch_interrupts();
  const ImageSet set = make_images(options);
  make_weights(options, files, set);

  run_stage(options, "Every image through VGG16: 4096 numbers each",
            {"extract", "--images", set.images, "--weights", files.weights, "--out", files.features});
  run_stage(
      options, "Train the captioner on seven tenths of the images",
      {"train", "--features", files.features, "--captions", set.captions, "--vocab", set.vocab, "--split",
       "official", "--split-dir", set.splits, "--epochs", std::to_string(kEpochs), "--out", files.run});
  run_stage(options, "Caption the scenes that it has not seen, and score the captions",
            {"evaluate", "--run", files.run, "--features", files.features, "--captions", set.captions,
             "--split", "test", "--results", files.results});
  write_exchanged(set, files);
  run_stage(options, "The same, each scene with the features of another: what is scored without looking",
            {"evaluate", "--run", files.run, "--features", files.exchanged, "--captions", set.captions,
             "--split", "test", "--results", files.results_exchanged});
  std::vector<std::string> caption = {"caption", "--run", files.run, "--weights", files.weights};
  for (std::size_t i = 0; i < kShown; ++i)
    caption.push_back(set.images / set.files[set.files.size() - 1 - i]);
  run_stage(options, "From image to sentence", caption);

  const Outcome own = read_outcome(set, files.results);
  const Outcome exchanged = read_outcome(set, files.results_exchanged);
  demo::write_report(files.report, set, own, exchanged);
  print_outcome(own, exchanged);
  say("\nThe images with their captions: " + files.report.string() + "\nThe random weights, " +
      files.weights.string() + " (553 MB), may be deleted." +
      "\nNext: scripts/get-assets.sh fetches trained weights and Flickr8k; README.md goes on from there.");
}

}  // namespace

void add_demo(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("demo", "Make a captioned image set and run every stage on it");
  auto options = std::make_shared<DemoOptions>();
  command->add_option("--out", options->out, "Folder for all that it makes")
      ->type_name("DIR")
      ->capture_default_str();
  add_number_with_default(*command, "--size", options->size, Range<int>{20, demo::combinations()},
                          "Images to draw");
  add_engine_option(*command, options->common);
  add_common(*command, options->common, "plainsight demo --out demo");
  command->callback([options, &action] {
    action = [options] {
      apply(options->common);
      try {
        run_stages(*options);
      } catch (const StageFailed& failed) {
        return failed.code;
      }
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace plainsight
