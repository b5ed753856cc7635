#pragma once

#include <filesystem>

namespace plainsight {

/// Throws Error when file `target` cannot be written: to be asked before the work whose result it is to hold. Leaves nothing.
void check_target(const std::filesystem::path& target);

/// The same for a folder that is to be made, or may be there already.
void check_target_folder(const std::filesystem::path& target);

}  // namespace plainsight
