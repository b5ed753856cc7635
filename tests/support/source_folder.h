#pragma once

#include <filesystem>

namespace plainsight::test {

/// The root of the source tree that the tests were built from.
std::filesystem::path source_folder();

}  // namespace plainsight::test
