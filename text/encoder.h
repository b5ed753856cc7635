#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/piece_trie.h"
#include "text/vocabulary.h"
#include "text/word_table.h"

namespace plainsight {

/// A token that is matched in raw text, before anything else.
struct SpecialToken {
  std::string_view text;
  std::int32_t id;
};

/// Text to ids: the inner loop of WordPiece. Allocates nothing.
class Encoder {
 public:
  /// `special` tokens begin with < or [. All must outlive the encoder.
  Encoder(const Vocabulary& vocabulary, std::int32_t unk, std::vector<SpecialToken> special);

  /// Writes the ids at `out` and returns the position after them. There must be room for text.size() ids: no
  /// byte gives more than one.
  std::int32_t* encode(std::string_view text, std::int32_t* out) const;

 private:
  class Word;
  struct Step {
    const char* p;
    std::int32_t* out;
  };
  Step special_or_punctuation(const char* p, const char* end, std::int32_t* out) const;
  Step any_word(const char* p, const char* end, std::int32_t* out) const;
  std::int32_t* split(const char* p, const char* end, std::int32_t* out) const;

  WordTable words_;
  PieceTrie trie_;
  std::array<std::int32_t, 128> punctuation_{};  // id of each ASCII punctuation mark
  std::vector<SpecialToken> special_;
  std::int32_t unk_;
};

}  // namespace plainsight
