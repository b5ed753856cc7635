#pragma once

#include <algorithm>
#include <cstdint>

namespace plainsight {

// For n >= 0 and unit > 0.

/// How many blocks of `unit` it takes to hold n.
constexpr std::int64_t ceil_div(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit; }

/// The least multiple of `unit` that is not below n.
constexpr std::int64_t round_up(std::int64_t n, std::int64_t unit) { return ceil_div(n, unit) * unit; }

/// Calls f(begin, count) for blocks of `unit` that cover [0, n); the last has what is left.
template <class F>
void for_each_block(std::int64_t n, std::int64_t unit, F&& f) {
  for (std::int64_t begin = 0; begin < n; begin += unit) f(begin, std::min(unit, n - begin));
}

}  // namespace plainsight
