#include "text/ngrams.h"

#include <algorithm>

namespace plainsight {

std::vector<std::int32_t> WordNumbers::split(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  std::vector<std::int32_t> words;
  for (std::size_t begin = 0; (begin = text.find_first_not_of(kBlanks, begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
    const auto next = static_cast<std::int32_t>(numbers_.size()) + 1;
    words.push_back(numbers_.try_emplace(std::string(text.substr(begin, end - begin)), next).first->second);
    begin = end;
  }
  return words;
}

NgramCounts count_ngrams(const std::vector<std::int32_t>& words, std::size_t n) {
  NgramCounts counts;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    Ngram gram{};
    std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(i), n, gram.begin());
    ++counts[gram];
  }
  return counts;
}

}  // namespace plainsight
