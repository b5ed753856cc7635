#include "model/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/json_file.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRestore = "Restore the file, or train again into another folder";

/// Removes the weights that a killed process had begun to write: they are large, and nobody else would.
void remove_unfinished(const RunFolder& run) {
  std::error_code ignored;  // a file that cannot be removed does no harm
  std::vector<fs::path> unfinished;
  for (const fs::directory_entry& entry : fs::directory_iterator(run.path(), ignored))
    for (const fs::path& file : {run.checkpoint_file(), run.model_file()})
      if (entry.path().string().starts_with(file.string() + ".tmp")) unfinished.push_back(entry.path());
  for (const fs::path& file : unfinished) fs::remove(file, ignored);
}

}  // namespace

void RunFolder::require_unused() const {
  for (const fs::path& file : {config_file(), model_file(), metrics_file()}) {
    std::error_code unreachable;
    // An empty one is left when a run is killed while it begins.
    if (!fs::exists(file, unreachable) || fs::is_empty(file, unreachable)) continue;
    throw Error("cannot start a run", path_.string(), "it holds another run's " + file.filename().string(),
                "Continue that run with --resume, or give another --out");
  }
}

void RunFolder::make() const {
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (failed)
    throw Error("cannot make the run folder", path_.string(), failed.message(), "Give another --out");
}

void RunFolder::create(const Split& split, const fs::path& vocab) const {
  require_unused();
  const std::string vocabulary(MappedFile(vocab).text());
  make();
  write_file(vocab_file(), vocabulary);
  const nlohmann::ordered_json ids = {{"train", split.train}, {"val", split.val}, {"test", split.test}};
  write_file(split_file(), ids.dump(0) + "\n");
}

void RunFolder::write_config(const RunConfig& config) const { write_file(config_file(), to_json(config)); }

RunConfig RunFolder::read_config() const {
  std::error_code unreachable;
  if (!fs::exists(config_file(), unreachable)) {  // the last of a run's first files
    throw Error(
        "not a run folder", path_.string(), unreachable ? unreachable.message() : "it has no config.json",
        "Give the folder that `plainsight train --out` made; a run that failed while it began is begun "
        "again without --resume");
  }
  return run_config_from_json(MappedFile(config_file()).text(), config_file());
}

Split RunFolder::read_split() const {
  constexpr const char* kWhat = "cannot read the run's split";
  const auto j = parse_json(MappedFile(split_file()).text(), kWhat, split_file(), kRestore);
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

RunLock::RunLock(const RunFolder& folder) : folder_(folder) {
  folder.make();
  fd_ = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0) {
    remove_unfinished(folder);
    return;
  }
  const int error = errno;
  if (fd_ >= 0) ::close(fd_);
  const bool held = error == EWOULDBLOCK;
  throw Error("cannot train", folder.path().string(),
              held ? "another process is writing it" : std::strerror(error),
              held ? "Wait for its end, or choose another --out" : "");
}

RunLock::~RunLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace plainsight
