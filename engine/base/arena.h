#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

#include "engine/base/memory.h"

namespace plainsight {

/// Memory that is handed out by moving a pointer and taken back all at once. Blocks are kept for the next
/// round, so a loop that needs the same sizes each time allocates in its first round only. Runs no
/// destructors: objects in it must be trivially destructible. Each allocation starts on a 64-byte boundary
/// and is not set to zero.
class Arena {
 public:
  /// `bytes` of memory, valid until reset() or a rewind() to an earlier mark.
  void* allocate(std::size_t bytes);
  template <class T>
  T* allocate_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= kAlignment);
    return static_cast<T*>(allocate(count * sizeof(T)));
  }

  struct Mark {
    std::size_t block = 0, used = 0, in_use = 0;
  };
  Mark mark() const { return at_; }
  /// Takes back everything handed out since `mark`. When that is everything, and it took several blocks, one
  /// block replaces them, of the largest size needed so far.
  void rewind(Mark mark);
  void reset() { rewind({}); }

  /// Bytes held from the system.
  std::size_t capacity() const;

 private:
  struct Block {
    FloatBuffer memory;
    std::size_t bytes;
  };
  void add_block(std::size_t bytes);

  std::vector<Block> blocks_;
  Mark at_;               // the next free byte is blocks_[block] + used; in_use counts what was handed out
  std::size_t peak_ = 0;  // the largest in_use so far
};

/// Takes back, at the end of a scope, the memory that an arena handed out in it.
class ArenaScope {
 public:
  explicit ArenaScope(Arena& arena) : arena_(arena), mark_(arena.mark()) {}
  ~ArenaScope() { arena_.rewind(mark_); }
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;

 private:
  Arena& arena_;
  Arena::Mark mark_;
};

}  // namespace plainsight
