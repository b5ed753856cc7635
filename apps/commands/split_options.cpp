#include "apps/commands/split_options.h"

#include "engine/base/error.h"

namespace plainsight {

void add_split_options(CLI::App& command, SplitOptions& options) {
  command.option_defaults()->group("Split");
  command
      .add_option("--split", options.kind,
                  "random = scikit-learn's train_test_split(ids, 0.2, random_state=42)")
      ->check(CLI::IsMember({"random", "official", "karpathy"}))
      ->capture_default_str();
  command
      .add_option("--split-dir", options.folder,
                  "With --split official: folder of Flickr_8k.{train,dev,test}Images.txt")
      ->type_name("DIR");
  command
      .add_option("--karpathy-json", options.karpathy_json,
                  "With --split karpathy: his dataset_flickr8k.json")
      ->type_name("FILE");
}

void check(const SplitOptions& options) {
  const auto belongs = [&](const char* option, const std::string& value, const std::string& kind) {
    if (value.empty() == (options.kind != kind)) return;
    if (value.empty())
      throw UsageError("cannot split", "--split " + kind, std::string(option) + " is missing");
    throw UsageError("cannot split", option, "it is for --split " + kind + " only",
                     "Add that, or leave the option out");
  };
  belongs("--split-dir", options.folder, "official");
  belongs("--karpathy-json", options.karpathy_json, "karpathy");
}

Split make_split(const SplitOptions& options, const std::vector<ImageCaptions>& images) {
  check(options);
  if (options.kind == "official") return official_split(options.folder);
  if (options.kind == "karpathy") return karpathy_split(options.karpathy_json);
  return random_split(ids_of(images), 0.2, 42);
}

std::vector<std::string> ids_of(const std::vector<ImageCaptions>& images) {
  std::vector<std::string> ids;
  for (const ImageCaptions& image : images) ids.push_back(image.id);
  return ids;
}

}  // namespace plainsight
