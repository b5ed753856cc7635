#pragma once

#include <cstddef>
#include <cstdint>

namespace plainsight {

/// The rule of BERT's normaliser and word splitter for one code point, in the order of HF's BertNormalizer:
/// drop control characters, blank for white space, blanks around CJK ideographs, canonical decomposition
/// (NFD) without the nonspacing marks (Mn), lower case; then white space and punctuation end words.
struct CharacterRule {
  enum Kind : std::uint8_t {
    kWord,         ///< `utf8` is appended to the word
    kDrop,         ///< nothing
    kSpace,        ///< ends the word
    kPunctuation,  ///< ends the word; `utf8` is a separate word
  };
  static constexpr std::uint8_t kNoStarter = 0xFF;

  char utf8[12] = {};  ///< the result; the longest has three code points of four bytes
  Kind kind = kDrop;
  std::uint8_t bytes = 0;        ///< of `utf8`
  std::uint8_t code_points = 0;  ///< of `utf8`
  /// Canonical ordering: NFD sorts each run of code points with a non-zero combining class. Where in `utf8` a
  /// run may begin (after the last starter), or kNoStarter.
  std::uint8_t run_begin = kNoStarter;
};
static_assert(sizeof(CharacterRule) == 16);

/// The rule for a code point below 0x110000. Tables are built on first use, a page of 256 at a time; safe to
/// call from several threads.
const CharacterRule& character_rule(char32_t c);

/// Sorts the code points of [begin, end) (UTF-8, the tail of a word after its last starter; at most kMaxRun
/// of them) stably by combining class.
inline constexpr std::size_t kMaxRun = 104;
void sort_combining(char* begin, char* end);

}  // namespace plainsight
