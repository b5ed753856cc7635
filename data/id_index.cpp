#include "data/id_index.h"

#include <xxhash.h>

#include <bit>

#include "engine/base/error.h"

namespace plainsight {
namespace {

std::uint32_t high_half(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

IdIndex::IdIndex(std::size_t capacity) : slots_(std::bit_ceil(capacity * 2 + 1)) {
  require(capacity <= std::size_t{1} << 31, "IdIndex: more than 2^31 ids");
  ids_.reserve(capacity);
}

std::size_t IdIndex::probe(std::string_view id, std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].index != 0 && (slots_[at].hash != high_half(hash) || ids_[slots_[at].index - 1] != id))
    at = (at + 1) & mask;
  return at;
}

std::optional<std::size_t> IdIndex::add(std::string_view id) {
  require(ids_.size() * 2 < slots_.size(), "IdIndex: full");
  const std::uint64_t hash = XXH3_64bits(id.data(), id.size());
  Slot& slot = slots_[probe(id, hash)];
  if (slot.index != 0) return slot.index - 1;
  ids_.push_back(id);
  slot = {high_half(hash), static_cast<std::uint32_t>(ids_.size())};
  return std::nullopt;
}

std::optional<std::size_t> IdIndex::find(std::string_view id) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[probe(id, XXH3_64bits(id.data(), id.size()))];
  if (slot.index == 0) return std::nullopt;
  return slot.index - 1;
}

}  // namespace plainsight
