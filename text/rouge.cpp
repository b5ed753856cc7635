#include "text/rouge.h"

#include <algorithm>
#include <string_view>

#include "engine/base/error.h"

namespace plainsight {
namespace {

// Python's split(" "): every blank separates, so that "" is one empty word.
std::vector<std::string_view> split_at_blanks(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(' ', begin);
    if (end == std::string_view::npos) {
      words.push_back(text.substr(begin));
      return words;
    }
    words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

using Words = std::vector<std::string_view>;

// Length of the longest common subsequence: one row of the classical table.
std::size_t common_subsequence(const Words& a, const Words& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const std::string_view word : a)
    for (std::size_t j = 1, diagonal = 0; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = word == b[j - 1] ? diagonal + 1 : std::max(above, row[j - 1]);
      diagonal = above;
    }
  return row.back();
}

}  // namespace

std::vector<double> rouge_l(const std::vector<std::string>& hypotheses, const References& references) {
  require(hypotheses.size() == references.size(), "rouge_l: one list of references per hypothesis");
  constexpr double beta = 1.2;
  std::vector<double> scores;
  for (std::size_t i = 0; i < hypotheses.size(); ++i) {
    require(!references[i].empty(), "rouge_l: at least one reference per hypothesis");
    const Words words = split_at_blanks(hypotheses[i]);
    // The best precision and the best recall may come from different references.
    double precision = 0, recall = 0;
    for (const std::string& text : references[i]) {
      const Words reference = split_at_blanks(text);
      const auto lcs = static_cast<double>(common_subsequence(words, reference));
      precision = std::max(precision, lcs / static_cast<double>(words.size()));
      recall = std::max(recall, lcs / static_cast<double>(reference.size()));
    }
    scores.push_back(precision > 0 && recall > 0
                         ? (1 + beta * beta) * precision * recall / (recall + beta * beta * precision)
                         : 0);
  }
  return scores;
}

}  // namespace plainsight
