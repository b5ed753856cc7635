#pragma once

#include <algorithm>
#include <cstdint>

namespace plainsight {

// All of these require n >= 0 and size > 0.

/// How many blocks of `size` it takes to hold n.
constexpr std::int64_t ceil_div(std::int64_t n, std::int64_t size) { return (n + size - 1) / size; }

/// The least multiple of `size` that is not below n.
constexpr std::int64_t round_up(std::int64_t n, std::int64_t size) { return ceil_div(n, size) * size; }

/// Calls f(begin, count) for blocks of `size` that cover [0, n); the last has what is left.
template <class F>
void for_each_block(std::int64_t n, std::int64_t size, F&& f) {
  for (std::int64_t begin = 0; begin < n; begin += size) f(begin, std::min(size, n - begin));
}

/// Calls f(begin, count) for blocks of at most `most` that cover [0, n) and differ in size by at most one.
template <class F>
void for_each_even_block(std::int64_t n, std::int64_t most, F&& f) {
  const std::int64_t blocks = ceil_div(n, most);
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::int64_t begin = n * i / blocks, end = n * (i + 1) / blocks;
    f(begin, end - begin);
  }
}

}  // namespace plainsight
