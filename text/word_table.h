#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "text/vocabulary.h"

namespace plainsight {

/// A word of up to 16 ASCII letters and digits, in lower case, as two integers: byte i of the word is byte i
/// of (first, second) in little-endian order; zeros fill the rest.
struct ShortWord {
  std::uint64_t first = 0, second = 0;
  bool operator==(const ShortWord&) const = default;
};

/// The short words that are one piece: a hash table with linear probing, at most half full. It finds nearly
/// every word of a caption with one multiplication and one cache line; the rest go to the trie.
class WordTable {
 public:
  static constexpr std::size_t kMaxWord = 16;

  explicit WordTable(const Vocabulary& vocabulary);

  /// The id, or -1.
  std::int32_t find(ShortWord word) const {
    for (std::size_t i = hash(word);; ++i) {
      const Slot& slot = slots_[i & mask_];
      if (slot.word == word) return slot.id;
      if (slot.id < 0) return -1;
    }
  }

 private:
  struct Slot {
    ShortWord word;
    std::int32_t id = -1;
  };
  // The high half of a product depends on all bits of its factors.
  std::size_t hash(ShortWord word) const {
    const std::uint64_t mixed = word.first ^ std::rotl(word.second * 0x9E3779B97F4A7C15u, 29);
    return (mixed * 0xD6E8FEB86659FD93u) >> shift_;
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  int shift_ = 0;
};

}  // namespace plainsight
