#include "text/clean.h"

#include <algorithm>

namespace plainsight {

std::string clean_caption(std::string_view caption) {
  std::string result, word;
  const auto end_word = [&] {
    if (word.size() > 1) {
      if (!result.empty()) result += ' ';
      result += word;
    }
    word.clear();
  };
  for (std::size_t i = 0; i < caption.size(); ++i) {
    const char c = caption[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    if (lower >= 'a' && lower <= 'z') {
      word += lower;
    } else if (caption.substr(i).starts_with("\u212A")) {
      word += 'k', i += 2;  // the Kelvin sign: Python's lower() makes it the letter k
    } else {
      // Its lower() is i and a combining dot, and the dot becomes a blank.
      if (caption.substr(i).starts_with("\u0130")) word += 'i', ++i;
      end_word();
    }
  }
  end_word();
  return result;
}

std::string with_markers(std::string_view cleaned) {
  return std::string("<SOS> ").append(cleaned).append(" <EOS>");
}

int words_with_markers(std::string_view cleaned) {
  return (cleaned.empty() ? 0 : 1 + static_cast<int>(std::count(cleaned.begin(), cleaned.end(), ' '))) + 2;
}

}  // namespace plainsight
