#include "model/run/loaded_run.h"

#include "engine/base/error.h"
#include "engine/base/printable.h"

namespace plainsight {
namespace {

SafetensorsFile open_model(const RunFolder& folder) {
  if (!std::filesystem::exists(folder.model_file())) {
    throw Error("the run has no model yet", folder.path().string(), "model.safetensors is missing",
                "It is written at the end of the first epoch: continue with `plainsight train --resume`");
  }
  return SafetensorsFile(folder.model_file());
}

}  // namespace

LoadedRun::LoadedRun(const RunFolder& folder)
    : folder_(folder),
      config_(folder.read_config()),
      wordpiece_(folder.vocab_file()),
      file_(open_model(folder)),
      weights_(captioner_weights(file_)) {
  verify_model(file_, config_.shape);
  if (wordpiece_.size() != config_.shape.vocab) {
    throw Error("the run's files do not belong together", folder_.vocab_file().string(),
                "it has " + std::to_string(wordpiece_.size()) + " tokens, the model has " +
                    std::to_string(config_.shape.vocab),
                "Restore the file, or train again into another folder");
  }
  decoder_ =
      std::make_unique<Decoder>(weights_, SpecialIds{wordpiece_.sos(), wordpiece_.eos(), wordpiece_.pad()});
}

std::string LoadedRun::feature_layer() const {
  const auto found = config_.features.find("layer");
  return found == config_.features.end() ? "fc7" : found->second;
}

void LoadedRun::check_features(std::int64_t dim, const Metadata& metadata, const std::string& where) const {
  if (dim != config_.shape.features) {
    throw Error("the features do not match the run", where,
                "they have " + std::to_string(dim) + " numbers an image, the run was trained on " +
                    std::to_string(config_.shape.features),
                "Extract them with the layer and weights of the run");
  }
  // An entry that one side lacks cannot be compared (the notebook's files have none).
  for (const auto& [key, value] : feature_kind(metadata)) {
    const auto expected = config_.features.find(key);
    if (expected == config_.features.end() || expected->second == value) continue;
    throw Error("the features do not match the run", where,
                "their " + key + " is \"" + printable(value, 200) + "\", the run was trained on \"" +
                    printable(expected->second, 200) + "\"",
                "Extract them with the layer and weights of the run");
  }
}

std::map<std::string, std::string> feature_kind(const Metadata& metadata) {
  std::map<std::string, std::string> kind;
  for (const char* key : {"encoder", "layer", "preprocessing", "weights"})
    if (const auto found = metadata.find(key); found != metadata.end()) kind.insert(*found);
  return kind;
}

}  // namespace plainsight
