#include "engine/base/printable.h"

#include <array>

#include "engine/base/utf8.h"

namespace plainsight {
namespace {

/// Whether a whole character acts instead of showing: C0 and C1 controls, U+2028 and U+2029 (line ends),
/// U+202A to U+202E and U+2066 to U+2069 (direction).
bool acts(std::string_view c) {
  if (c.size() == 1) return static_cast<unsigned char>(c[0]) < 0x20 || c[0] == 0x7F;
  if (c.size() == 2) return c >= "\xC2\x80" && c <= "\xC2\x9F";
  return c.size() == 3 &&
         ((c >= "\xE2\x80\xA8" && c <= "\xE2\x80\xAE") || (c >= "\xE2\x81\xA6" && c <= "\xE2\x81\xA9"));
}

std::string escaped(std::string_view bytes) {
  constexpr std::array kDigits{'0', '1', '2', '3', '4', '5', '6', '7',
                               '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      (out += "\\x").append({kDigits[byte >> 4], kDigits[byte & 15]});
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = utf8_character_size(text);
    const std::string_view character = text.substr(0, size == 0 ? 1 : size);
    const std::string shown = size == 0 || acts(character) ? escaped(character) : std::string(character);
    if (shown.size() > most - out.size()) return out + "...";
    out += shown;
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace plainsight
