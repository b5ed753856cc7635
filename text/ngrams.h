#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plainsight {

inline constexpr std::size_t kMaxOrder = 4;

/// Words as integers from 1 on, so that an n-gram is four integers.
class WordNumbers {
 public:
  /// Splits as Python's split() does: at runs of white space, the no-break space included.
  std::vector<std::int32_t> split(std::string_view text);

 private:
  std::unordered_map<std::string, std::int32_t> numbers_;
};

/// An n-gram, filled up with zeros.
using Ngram = std::array<std::int32_t, kMaxOrder>;
/// How often each n-gram of one order occurs in a text.
using NgramCounts = std::map<Ngram, int>;

/// The counts of order n (1 to 4).
NgramCounts count_ngrams(const std::vector<std::int32_t>& words, std::size_t n);

}  // namespace plainsight
