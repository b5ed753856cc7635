#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/support/source_folder.h"

namespace plainsight::test {

/// Folder of real data (BERT vocabulary, Flickr8k captions and images), or "" when there is none:
/// $PLAINSIGHT_DATA, then ../shared/data next to the checkout.
inline std::filesystem::path data_dir() {
  if (const char* dir = std::getenv("PLAINSIGHT_DATA"); dir != nullptr && *dir != 0) return dir;
  const std::filesystem::path shared = source_folder() / ".." / "shared" / "data";
  return std::filesystem::exists(shared) ? shared : std::filesystem::path();
}

/// A committed expected value: tests/golden/NAME, made by tests/reference/*.py.
inline std::filesystem::path golden(const std::string& name) {
  return source_folder() / "tests" / "golden" / name;
}

}  // namespace plainsight::test
