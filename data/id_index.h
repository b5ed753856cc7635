#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace plainsight {

/// Finds the index of an id in a list: open addressing with linear probing, at most half full. Half the hash
/// is kept with the index, so that a probe reads an id's text only when it is most likely the one.
class IdIndex {
 public:
  IdIndex() = default;
  /// An empty index with room for `capacity` ids, at most 2^31.
  explicit IdIndex(std::size_t capacity);

  /// Adds `id` with the next index. Its text must not move. Returns the index of an equal id if there is one,
  /// and adds nothing then.
  std::optional<std::size_t> add(std::string_view id);
  std::optional<std::size_t> find(std::string_view id) const;

  std::size_t size() const { return ids_.size(); }
  std::string_view operator[](std::size_t i) const { return ids_[i]; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t index = 0;  ///< plus one; 0: free
  };
  /// The slot that holds `id`, or the free one where it belongs.
  std::size_t probe(std::string_view id, std::uint64_t hash) const;

  std::vector<std::string_view> ids_;
  std::vector<Slot> slots_;
};

}  // namespace plainsight
