#include <cstdio>

#include "apps/cli/counted.h"
#include "apps/cli/interrupts.h"
#include "apps/cli/number_option.h"
#include "apps/cli/output_path.h"
#include "apps/cli/progress.h"
#include "apps/commands/commands.h"
#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "model/vgg16/extract_features.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  std::string images, weights, out, layer = "fc7", conv = "auto";
  std::int64_t batch = 16;
};

int extract(const Options& o) {
  apply(o.common);
  check_output_path(o.out, {o.weights});
  const ImageFolder folder = list_images(o.images);
  for (const ImageFile& p : folder.images) {
    if (std::filesystem::path(o.out).filename() == p.file) check_output_path(o.out, {folder.file(p)});
  }
  if (folder.others > 0 && !o.common.quiet)
    std::fprintf(stderr, "plainsight: left out of %s, hidden or ending in none of .jpg, .jpeg, .png: %lld\n",
                 printable(o.images).c_str(), static_cast<long long>(folder.others));
  ImageEncoder encoder(o.weights,
                       {.layer = feature_layer(o.layer), .conv = {.algorithm = conv_algorithm(o.conv)}});

  watch_interrupts();
  Progress progress("extract", "images", static_cast<std::int64_t>(folder.images.size()), o.common.quiet);
  const ExtractResult result =
      extract_features(folder, o.out, encoder,
                       {.batch = o.batch,
                        .progress = [&](std::int64_t done, std::int64_t) { progress.update(done); },
                        .stop = interrupted});
  progress.finish();
  for (const SkippedImage& s : result.skipped)
    std::fprintf(stderr, "plainsight: skipped: %s\n", s.reason.c_str());
  if (!result.finished)
    throw Error(
        "extraction was interrupted", o.out,
        std::to_string(result.rows) + " of " + std::to_string(folder.images.size()) + " images are done",
        "The same command continues");
  std::printf("%s\t%s\t%lld features each (%s)\n", printable(o.out).c_str(),
              counted(result.rows, "image").c_str(), static_cast<long long>(encoder.feature_dim()),
              o.layer.c_str());
  return result.skipped.empty() ? kDone : kSomeSkipped;
}

}  // namespace

void add_extract(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("extract", "VGG16 features of a folder of JPEG and PNG images");
  command->add_option("--images", o->images, "Folder of images")->required()->type_name("DIR");
  command->add_option("--weights", o->weights, "VGG16's weights, as weights-convert writes them")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", o->out, "Feature store to write, in place of one that is there")
      ->required()
      ->type_name("FILE");
  command->add_option("--layer", o->layer, "Which layer's values: fc7 and fc6 are after their ReLU")
      ->check(CLI::IsMember({"fc7", "fc6", "logits"}))
      ->capture_default_str();
  add_number_with_default(*command, "--batch-size", o->batch, Range<std::int64_t>{1, 1024},
                          "Images that go through the network at once");
  command->add_option("--conv", o->conv, "How convolutions are computed")
      ->check(CLI::IsMember({"auto", "winograd", "direct", "im2col"}))
      ->capture_default_str();
  add_engine_option(*command, o->common);
  add_common(*command, o->common,
             "plainsight extract --images Images --weights vgg16.safetensors --out features.safetensors");
  command->callback([o, &action] { action = [o] { return extract(*o); }; });
}

}  // namespace plainsight
