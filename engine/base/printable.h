#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plainsight {

/// A text from outside (a file's name, a tensor's, a line of a file) as it may be printed: on one line, and
/// without power over the terminal. Control characters become \n, \t or \xHH, so do bytes that are not
/// UTF-8 and characters that end a line or turn its direction; all else stays.
/// Doing it twice changes nothing more.
/// @param most  what is longer is cut to so many bytes or a few less, and ends in "..."
std::string printable(std::string_view text, std::size_t most = std::string_view::npos);

}  // namespace plainsight
