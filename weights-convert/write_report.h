#pragma once

#include <cstdint>
#include <functional>

namespace plainsight::convert {

/// Called with the number of bytes written so far. May throw to stop, which leaves no file.
using WriteReport = std::function<void(std::uint64_t)>;

}  // namespace plainsight::convert
