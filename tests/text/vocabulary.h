#pragma once

#include <initializer_list>
#include <string>

#include "text/wordpiece.h"

namespace plainsight::test {

/// A vocabulary file of [PAD] [UNK] [CLS] [SEP] [MASK] (ids 0 to 4) and these pieces (from 5 on).
inline std::string vocabulary_of(std::initializer_list<const char*> pieces) {
  std::string text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const char* piece : pieces) text.append(piece) += '\n';
  return text;
}

inline std::vector<std::int32_t> encode(const WordPiece& wordpiece, std::string_view text,
                                        std::size_t max_length = WordPiece::kUnlimited) {
  std::vector<std::int32_t> ids;
  wordpiece.encode(text, ids, max_length);
  return ids;
}

}  // namespace plainsight::test
