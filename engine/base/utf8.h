#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plainsight {

/// Bytes of the UTF-8 character that `text` begins with; 0 when it begins with none (overlong forms,
/// surrogates and what lies above U+10FFFF are none).
std::size_t utf8_character_size(std::string_view text);

/// Bytes of `text` before the first that is not UTF-8; all when there is none.
std::size_t utf8_prefix(std::string_view text);

/// True when the whole text is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// The complaint about a line that is not UTF-8, "its byte 4, \xe9, is not UTF-8", and the remedy.
std::string utf8_complaint(std::string_view line);
inline constexpr const char* kUtf8Hint = "Convert it, for example with `iconv -f latin1 -t utf-8`";

}  // namespace plainsight
