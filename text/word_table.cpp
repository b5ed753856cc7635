#include "text/word_table.h"

#include <algorithm>

namespace plainsight {
namespace {

bool is_short_word(std::string_view piece) {
  return piece.size() <= WordTable::kMaxWord && std::all_of(piece.begin(), piece.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
         });
}

ShortWord pack(std::string_view piece) {
  std::uint64_t parts[2] = {};
  for (std::size_t i = 0; i < piece.size(); ++i)
    parts[i / 8] |= static_cast<std::uint64_t>(static_cast<unsigned char>(piece[i])) << (8 * (i % 8));
  return {parts[0], parts[1]};
}

}  // namespace

WordTable::WordTable(const Vocabulary& vocabulary) {
  const std::size_t size = std::bit_ceil(std::size_t{2} * vocabulary.size() + 2);
  slots_.resize(size);
  mask_ = size - 1;
  shift_ = 64 - std::countr_zero(size);
  for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
    const std::string_view piece = vocabulary.piece(id);
    if (!is_short_word(piece)) continue;
    const ShortWord word = pack(piece);
    std::size_t i = hash(word);
    while (slots_[i & mask_].id >= 0) ++i;
    slots_[i & mask_] = {word, id};
  }
}

}  // namespace plainsight
