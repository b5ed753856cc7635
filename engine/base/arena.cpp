#include "engine/base/arena.h"

#include <algorithm>

namespace plainsight {

void* Arena::allocate(std::size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  while (block_ < blocks_.size() && blocks_[block_].bytes - used_ < bytes) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    // Each new block is at least as large as all before it: a growing need makes few blocks.
    constexpr std::size_t kFirstBlock = 1u << 20;
    const std::size_t size = std::max({bytes, kFirstBlock, capacity()});
    blocks_.push_back({allocate_floats_uninitialized(size / sizeof(float)), size});
  }
  auto* start = reinterpret_cast<std::byte*>(blocks_[block_].memory.get()) + used_;
  used_ += bytes;
  return start;
}

std::size_t Arena::capacity() const {
  std::size_t total = 0;
  for (const Block& block : blocks_) total += block.bytes;
  return total;
}

}  // namespace plainsight
