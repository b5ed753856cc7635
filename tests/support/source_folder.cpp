#include "tests/support/source_folder.h"

namespace plainsight::test {

std::filesystem::path source_folder() { return PLAINSIGHT_SOURCE_DIR; }

}  // namespace plainsight::test
