#include "engine/base/utf8.h"

#include <cstdint>
#include <cstring>

#include "engine/base/printable.h"

namespace plainsight {

std::size_t utf8_character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xC2 && lead <= 0xDF   ? 2
                           : lead >= 0xE0 && lead <= 0xEF ? 3
                           : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                          : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  // Overlong forms, surrogates, and what lies above U+10FFFF.
  const unsigned char second = byte(1);
  const bool wrong = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                     (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return wrong ? 0 : size;
}

std::size_t utf8_prefix(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    // Eight ASCII characters at a time: most text is that.
    std::uint64_t eight = 0;
    while (rest.size() >= sizeof eight) {
      std::memcpy(&eight, rest.data(), sizeof eight);
      if ((eight & 0x8080808080808080u) != 0) break;
      rest.remove_prefix(sizeof eight);
    }
    const std::size_t size = utf8_character_size(rest);
    if (size == 0) break;
    rest.remove_prefix(size);
  }
  return text.size() - rest.size();
}

bool is_utf8(std::string_view text) { return utf8_prefix(text) == text.size(); }

std::string utf8_complaint(std::string_view line) {
  const std::size_t at = utf8_prefix(line);
  return "its byte " + std::to_string(at + 1) + ", " + printable(line.substr(at, 1)) + ", is not UTF-8";
}

}  // namespace plainsight
