#pragma once

#include <filesystem>
#include <vector>

namespace plainsight {

/// Throws Error when the file cannot be written, or is one of the files that the command reads. Call before a
/// long computation. Creates no file.
void check_output_path(const std::filesystem::path& file, const std::vector<std::filesystem::path>& inputs);

/// The same for a folder, which may exist already.
void check_output_folder(const std::filesystem::path& folder);

}  // namespace plainsight
