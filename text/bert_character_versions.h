#pragma once

#include <cstdint>

namespace plainsight {

/// HF tokenizers mixes editions of Unicode: its categories are those of Unicode 8, its decompositions
/// and combining classes those of Unicode 9, its lower case that of Unicode 17. utf8proc has one
/// edition (15) for all. These tables hold the difference, found by asking the reference for every code
/// point (tests/reference/bert_characters.mjs).
enum class VersionRule : std::uint8_t {
  kNone,         ///< as utf8proc says
  kWord,         ///< an ordinary letter: newer than the reference's tables
  kMark,         ///< kept, but ordered by its combining class
  kPunctuation,  ///< was punctuation in Unicode 8
  kDrop,         ///< was a nonspacing mark in Unicode 8
};

VersionRule version_rule(char32_t c);

/// Lower case by the reference's edition.
char32_t bert_lower(char32_t c);

}  // namespace plainsight
