#include "text/ngrams.h"

#include <algorithm>

#include "text/utf8.h"
#include "text/white_space.h"

namespace plainsight {

std::vector<std::int32_t> WordNumbers::split(std::string_view text) {
  std::vector<std::int32_t> words;
  const char* const end = text.data() + text.size();
  const char* begin = text.data();
  const auto end_word = [&](const char* p) {
    const auto next = static_cast<std::int32_t>(numbers_.size()) + 1;
    if (p > begin) words.push_back(numbers_.try_emplace(std::string(begin, p), next).first->second);
  };
  for (const char* p = begin; p < end;) {
    const DecodedCodePoint c = decode_utf8(p, end);
    if (is_white_space(c.value)) {
      end_word(p);
      begin = p + c.bytes;
    }
    p += c.bytes;
  }
  end_word(end);
  return words;
}

NgramCounts count_ngrams(const std::vector<std::int32_t>& words, std::size_t n) {
  NgramCounts counts;
  for (std::size_t i = 0; i + n <= words.size(); ++i) {
    Ngram gram{};
    std::copy_n(words.begin() + i, n, gram.begin());
    ++counts[gram];
  }
  return counts;
}

}  // namespace plainsight
