#include "text/piece_trie.h"

#include <algorithm>
#include <string_view>

namespace plainsight {

// Nodes are placed breadth first: first fit over bases. Only the array's last kOpen nodes are tried: those
// before them are nearly full, and a vocabulary could be made whose nodes fit into none of their holes, each
// of which walked through all.
struct PieceTrie::Builder {
  struct Task {
    std::uint32_t node;
    std::size_t depth, begin, end;  // pieces [begin, end) share the first `depth` bytes
  };

  std::vector<Node>& nodes;
  const std::vector<std::int32_t>& ids;
  std::vector<std::string_view> pieces;  // in byte order
  std::vector<Task> tasks{};
  std::uint32_t first_free = 1;

  unsigned char byte(std::size_t piece, std::size_t depth) const {
    return static_cast<unsigned char>(pieces[piece][depth]);
  }

  bool fits(std::uint32_t base, const std::vector<unsigned char>& bytes) {
    return std::all_of(bytes.begin(), bytes.end(),
                       [&](unsigned char b) { return nodes[base ^ b].parent == kFree; });
  }

  static constexpr std::uint32_t kOpen = 16 * 256;

  std::uint32_t find_base(const std::vector<unsigned char>& bytes) {
    first_free = std::max(
        first_free, static_cast<std::uint32_t>(nodes.size() - std::min<std::size_t>(nodes.size(), kOpen)));
    while (first_free < nodes.size() && nodes[first_free].parent != kFree) ++first_free;
    for (std::uint32_t place = first_free;; ++place) {
      // base ^ byte stays inside base's block of 256, so whole blocks are added.
      while (nodes.size() <= (place | 0xFFu)) nodes.resize(nodes.size() + 256);
      const std::uint32_t base = place ^ bytes.front();
      if (nodes[place].parent == kFree && fits(base, bytes)) return base;
    }
  }

  void expand(const Task& task) {
    std::size_t begin = task.begin;
    if (pieces[begin].size() == task.depth) nodes[task.node].id = ids[begin++];
    if (begin == task.end) return;
    std::vector<unsigned char> bytes;
    for (std::size_t i = begin; i < task.end; ++i)
      if (bytes.empty() || bytes.back() != byte(i, task.depth)) bytes.push_back(byte(i, task.depth));
    const std::uint32_t base = find_base(bytes);
    nodes[task.node].base = base;
    for (const unsigned char b : bytes) nodes[base ^ b].parent = task.node;
    for (std::size_t i = begin, next; i < task.end; i = next) {
      for (next = i + 1; next < task.end && byte(next, task.depth) == byte(i, task.depth);) ++next;
      tasks.push_back({base ^ byte(i, task.depth), task.depth + 1, i, next});
    }
  }
};

PieceTrie::PieceTrie(const Vocabulary& vocabulary) {
  Builder build{nodes_, vocabulary.sorted(), {}};
  for (const std::int32_t id : build.ids) build.pieces.push_back(vocabulary.piece(id));

  nodes_.resize(256);
  nodes_[0].parent = kNowhere;
  build.tasks.push_back({0, 0, 0, build.pieces.size()});
  for (std::size_t i = 0; i < build.tasks.size(); ++i) build.expand(Builder::Task(build.tasks[i]));

  std::uint32_t node = 0;
  for (const unsigned char c : {'#', '#'}) {
    if (node == kNowhere) break;
    const std::uint32_t next = nodes_[node].base ^ c;
    node = nodes_[next].parent == node ? next : kNowhere;
  }
  inside_ = node;
}

}  // namespace plainsight
