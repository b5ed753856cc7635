#pragma once

#include <cstdint>
#include <vector>

#include "text/vocabulary.h"

namespace plainsight {

/// Longest-match search over the pieces of a vocabulary: a double-array trie (Aoe 1989) over their bytes. The
/// child of node n by byte b is node n.base ^ b, if that node's parent is n. One step is one load.
class PieceTrie {
 public:
  explicit PieceTrie(const Vocabulary& vocabulary);

  struct Match {
    std::int32_t id;  ///< -1: no piece begins here
    const char* end;  ///< one past the match
  };
  /// The longest piece that begins at `p` and ends at or before `end`.
  Match longest_at_start(const char* p, const char* end) const { return longest(0, p, end); }
  /// The same among the pieces that continue a word (written with ## in the vocabulary).
  Match longest_inside(const char* p, const char* end) const { return longest(inside_, p, end); }

 private:
  struct Node {
    std::uint32_t base = 0;
    std::uint32_t parent = kFree;
    std::int32_t id = -1;
  };
  static constexpr std::uint32_t kFree = 0xFFFFFFFF, kNowhere = 0xFFFFFFFE;

  Match longest(std::uint32_t from, const char* p, const char* end) const {
    Match best{-1, p};
    if (from == kNowhere) return best;
    for (std::uint32_t n = from; p < end;) {
      const std::uint32_t next = nodes_[n].base ^ static_cast<unsigned char>(*p);
      if (nodes_[next].parent != n) break;
      ++p;
      if (nodes_[next].id >= 0) best = {nodes_[next].id, p};
      n = next;
    }
    return best;
  }
  struct Builder;

  std::vector<Node> nodes_;
  std::uint32_t inside_ = kNowhere;  // the node of "##"
};

}  // namespace plainsight
