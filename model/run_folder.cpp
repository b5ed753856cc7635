#include "model/run_folder.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

void RunFolder::create(const RunConfig& config, const Split& split, const fs::path& vocab) const {
  for (const fs::path& file : {config_file(), model_file(), checkpoint_file(), metrics_file()}) {
    if (!fs::exists(file)) continue;
    throw Error("cannot start a run", path_.string(), "it holds another run's " + file.filename().string(),
                "Continue that run with --resume, or give another --out");
  }
  const std::string vocabulary = read_text(vocab);
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (failed)
    throw Error("cannot make the run folder", path_.string(), failed.message(), "Give another --out");
  write_file(vocab_file(), vocabulary);
  const nlohmann::ordered_json ids = {{"train", split.train}, {"val", split.val}, {"test", split.test}};
  write_file(split_file(), ids.dump(0) + "\n");
  write_config(config);
}

void RunFolder::write_config(const RunConfig& config) const { write_file(config_file(), to_json(config)); }

RunConfig RunFolder::read_config() const {
  if (!exists()) {
    throw Error("not a run folder", path_.string(), "it has no config.json",
                "Give the folder that `plainsight train --out` made");
  }
  return run_config_from_json(read_text(config_file()), config_file());
}

Split RunFolder::read_split() const {
  try {
    const auto j = nlohmann::json::parse(read_text(split_file()));
    return {j.at("train"), j.at("val"), j.at("test")};
  } catch (const nlohmann::json::exception& e) {
    throw Error("cannot read the run's split", split_file().string(), e.what(),
                "Restore the file, or train again into another folder");
  }
}

}  // namespace plainsight
