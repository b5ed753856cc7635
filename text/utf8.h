#pragma once

#include <string>
#include <string_view>

namespace plainsight {

inline constexpr char32_t kReplacement = 0xFFFD;

struct DecodedCodePoint {
  char32_t value;
  int bytes;  ///< consumed, at least 1
};

/// The code point at `p` (p < end). Bytes that are not UTF-8 give U+FFFD for each maximal ill-formed part, as
/// Python's `errors="replace"` and the Unicode Standard (section 3.9) have it.
DecodedCodePoint decode_utf8(const char* p, const char* end);

/// Writes 1 to 4 bytes at `out` and returns the position after them.
char* encode_utf8(char32_t c, char* out);

/// The text with every ill-formed part replaced by U+FFFD.
std::string replace_invalid_utf8(std::string_view text);

}  // namespace plainsight
