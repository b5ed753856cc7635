#pragma once

#include <charconv>
#include <limits>
#include <string>
#include <type_traits>

namespace plainsight {

/// The values that an option may have, and their description in its messages.
template <class T>
struct Range {
  T low, high;
  bool above_low = false;   ///< low itself is too small
  bool below_high = false;  ///< high itself is too large

  /// False for NaN too.
  constexpr bool contains(T x) const {
    return (above_low ? x > low : x >= low) && (below_high ? x < high : x <= high);
  }

  /// "an integer from 1 to 100", "a number above 0 and at most 10".
  std::string text() const {
    const std::string kind = std::is_integral_v<T> ? "an integer" : "a number";
    if (!above_low && !below_high) return kind + " from " + number(low) + " to " + number(high);
    return kind + (above_low ? " above " : " of at least ") + number(low) +
           (below_high ? " and below " : " and at most ") + number(high);
  }

 private:
  static std::string number(T x) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, x).ptr};
  }
};

}  // namespace plainsight
