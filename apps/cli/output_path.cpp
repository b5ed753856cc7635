#include "apps/cli/output_path.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/base/error.h"
#include "engine/io/atomic_file.h"

namespace plainsight {

void check_output_path(const std::filesystem::path& file, const std::vector<std::filesystem::path>& inputs) {
  for (const std::filesystem::path& input : inputs) {
    std::error_code absent;  // then they differ
    if (std::filesystem::equivalent(file, input, absent))
      throw Error("cannot write", file.string(), "the same command reads it", "Name another file");
  }
  const AtomicFile makes_and_removes_its_temporary(file);
}

void check_output_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::path existing = std::filesystem::absolute(folder, error);
  // A link that leads nowhere stays: no folder can be made in its place.
  while (!error && !std::filesystem::exists(existing, error) && !std::filesystem::is_symlink(existing))
    existing = existing.parent_path();
  const auto refuse = [&](const std::string& why) {
    throw Error("cannot write into folder", folder.string(), why, "Choose another");
  };
  if (error) refuse(error.message());
  if (!std::filesystem::is_directory(existing, error)) refuse(existing.string() + " is not a folder");
  if (::access(existing.c_str(), W_OK | X_OK) != 0) refuse(std::strerror(errno));
}

}  // namespace plainsight
