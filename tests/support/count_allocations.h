#pragma once

#include <cstdint>

namespace plainsight::test {

/// Heap allocations of this process so far (malloc and related functions, hence operator new), by any thread.
/// Only in programs that link count_allocations.cpp; 0 under sanitizers, which replace the heap.
std::int64_t allocation_count();
/// False under sanitizers.
bool allocations_are_counted();

}  // namespace plainsight::test
