#pragma once

#include <string_view>

namespace plainsight::ptb {

// Classes of UTF-16 units, as the Penn Treebank tokenizer of CoreNLP 3.4.1 has them. It knows the basic plane
// only: a character above it is two units that belong to no class.

inline constexpr char16_t kSoftHyphen = 0xAD;

constexpr bool is_ascii_upper(char16_t c) { return c >= u'A' && c <= u'Z'; }
constexpr bool is_ascii_lower(char16_t c) { return c >= u'a' && c <= u'z'; }
constexpr bool is_ascii_letter(char16_t c) { return is_ascii_upper(c) || is_ascii_lower(c); }
constexpr bool is_ascii_digit(char16_t c) { return c >= u'0' && c <= u'9'; }
constexpr bool is_ascii_alphanumeric(char16_t c) { return is_ascii_letter(c) || is_ascii_digit(c); }

constexpr bool is_one_of(char16_t c, std::u16string_view set) {
  return set.find(c) != std::u16string_view::npos;
}

/// A blank within a line.
constexpr bool is_blank(char16_t c) {
  return is_one_of(c, u" \t\u00A0\u3000") || (c >= 0x2000 && c <= 0x200A);
}
constexpr bool is_line_end(char16_t c) { return is_one_of(c, u"\n\r\v\f\u0085\u2028\u2029"); }
constexpr bool is_space(char16_t c) { return is_blank(c) || is_line_end(c); }

/// A comma, semicolon or colon: the sentence goes on after it.
constexpr bool is_comma(char16_t c) { return is_one_of(c, u",;:\u3001"); }
constexpr bool is_hyphen(char16_t c) { return is_one_of(c, u"-_\u058A\u2010\u2011"); }

bool is_letter(char16_t c);
bool is_digit(char16_t c);
inline bool is_alphanumeric(char16_t c) { return is_letter(c) || is_digit(c); }
/// Goes on with a word, but is no letter: accents, vowel signs, the soft hyphen.
bool is_word_mark(char16_t c);
/// A token of one character: a mathematical, technical or other symbol.
bool is_sign(char16_t c);

/// The ASCII letter in lower case that `c` counts as where case does not matter; other characters unchanged.
char16_t folded(char16_t c);

}  // namespace plainsight::ptb
