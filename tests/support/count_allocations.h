#pragma once

#include <cstdint>

namespace plainsight::test {

/// Requests for heap memory in this process so far (malloc and its kin, hence operator new), by any thread.
/// Only in programs that link count_allocations.cpp; 0 under sanitizers, which bring a heap of their own.
std::int64_t allocation_count();
/// False under sanitizers.
bool allocations_are_counted();

}  // namespace plainsight::test
