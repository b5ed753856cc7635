#include "model/run_folder.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/json_file.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestore = "Restore the file, or train again into another folder";

std::string read_text(const fs::path& path) {
  const MappedFile file(path);
  const auto bytes = file.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

bool RunFolder::exists() const {
  std::error_code unreachable;
  return fs::exists(config_file(), unreachable);
}

void RunFolder::require_unused() const {
  for (const fs::path& file : {config_file(), model_file(), metrics_file()}) {
    std::error_code unreachable;
    // An empty one is left when a run is killed while it begins.
    if (!fs::exists(file, unreachable) || fs::is_empty(file, unreachable)) continue;
    throw Error("cannot start a run", path_.string(), "it holds another run's " + file.filename().string(),
                "Continue that run with --resume, or give another --out");
  }
}

void RunFolder::create(const Split& split, const fs::path& vocab) const {
  require_unused();
  const std::string vocabulary = read_text(vocab);
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (failed)
    throw Error("cannot make the run folder", path_.string(), failed.message(), "Give another --out");
  write_file(vocab_file(), vocabulary);
  const nlohmann::ordered_json ids = {{"train", split.train}, {"val", split.val}, {"test", split.test}};
  write_file(split_file(), ids.dump(0) + "\n");
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
  constexpr const char* kWhat = "cannot read the run's split";
  const auto j = parse_json(read_text(split_file()), kWhat, split_file(), kRestore);
  const auto list = [&](const char* name) {
    try {
      return j.at(name).get<std::vector<std::string>>();
    } catch (const nlohmann::json::exception&) {
      throw Error(kWhat, split_file().string(), "it has no list of image ids \"" + std::string(name) + "\"",
                  kRestore);
    }
  };
  return {list("train"), list("val"), list("test")};
}

}  // namespace plainsight
