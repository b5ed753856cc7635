#include "engine/base/arena.h"

#include <algorithm>

#include "engine/base/round.h"

namespace plainsight {

void Arena::add_block(std::size_t bytes) {
  blocks_.push_back({allocate_floats_uninitialized(bytes / sizeof(float)), bytes});
}

void* Arena::allocate(std::size_t bytes) {
  // The first block from the current one on that has room; the rest of a skipped block stays unused.
  bytes = round_up(bytes, kAlignment);
  while (at_.block < blocks_.size() && blocks_[at_.block].bytes - at_.used < bytes) {
    ++at_.block;
    at_.used = 0;
  }
  constexpr std::size_t kSmallestBlock = 1u << 20;
  if (at_.block == blocks_.size()) add_block(std::max(bytes, kSmallestBlock));
  auto* start = reinterpret_cast<std::byte*>(blocks_[at_.block].memory.get()) + at_.used;
  at_.used += bytes;
  at_.in_use += bytes;
  peak_ = std::max(peak_, at_.in_use);
  return start;
}

void Arena::rewind(Mark mark) {
  at_ = mark;
  if (mark.in_use > 0 || blocks_.size() <= 1) return;
  blocks_.clear();
  // A sixteenth more, so that rounds whose sizes vary a little rarely need another block.
  add_block((peak_ + peak_ / 16) / kAlignment * kAlignment);
}

std::size_t Arena::capacity() const {
  std::size_t total = 0;
  for (const Block& block : blocks_) total += block.bytes;
  return total;
}

}  // namespace plainsight
