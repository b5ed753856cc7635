#include "apps/split_options.h"

#include "engine/base/error.h"

namespace plainsight {

void add_split_options(CLI::App& command, SplitOptions& options) {
  command
      .add_option("--split", options.kind,
                  "random = scikit-learn's train_test_split(ids, 0.2, random_state=42)")
      ->check(CLI::IsMember({"random", "official", "karpathy"}))
      ->capture_default_str();
  command.add_option("--split-dir", options.folder, "Folder of Flickr_8k.{train,dev,test}Images.txt");
  command.add_option("--karpathy-json", options.karpathy_json, "Karpathy's dataset_flickr8k.json");
}

Split make_split(const SplitOptions& options, const std::vector<ImageCaptions>& images) {
  if (options.kind == "official") {
    if (options.folder.empty())
      throw UsageError("cannot split", "--split official", "--split-dir is missing");
    return official_split(options.folder);
  }
  if (options.kind == "karpathy") {
    if (options.karpathy_json.empty())
      throw UsageError("cannot split", "--split karpathy", "--karpathy-json is missing");
    return karpathy_split(options.karpathy_json);
  }
  return random_split(ids_of(images), 0.2, 42);
}

std::vector<std::string> ids_of(const std::vector<ImageCaptions>& images) {
  std::vector<std::string> ids;
  for (const ImageCaptions& image : images) ids.push_back(image.id);
  return ids;
}

}  // namespace plainsight
