#pragma once

#include <filesystem>
#include <vector>

namespace plainsight {

/// Throws Error when file `target` cannot be written, or is one of the files that the command reads: to be
/// asked before the work whose result it is to hold. Leaves nothing.
void check_target(const std::filesystem::path& target, const std::vector<std::filesystem::path>& inputs);

/// The same for a folder that is to be made, or may be there already.
void check_target_folder(const std::filesystem::path& target);

}  // namespace plainsight
