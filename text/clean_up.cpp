#include "text/clean_up.h"

namespace plainsight {
namespace {

struct Replacement {
  std::string_view from, to;
};

// In this order, one after the other. `do not` is replaced by the decoder alone, not by transformers.
constexpr Replacement kReplacements[] = {
    {" .", "."},   {" ?", "?"},           {" !", "!"},   {" ,", ","},     {" ' ", "'"},   {" n't", "n't"},
    {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};

void replace_all(std::string& text, Replacement r) {
  std::size_t found = text.find(r.from);
  if (found == std::string::npos) return;
  std::string result;
  std::size_t begin = 0;
  for (; found != std::string::npos; begin = found + r.from.size(), found = text.find(r.from, begin))
    result.append(text, begin, found - begin).append(r.to);
  text = result.append(text, begin);
}

}  // namespace

std::string join_pieces(std::span<const std::string_view> pieces) {
  std::string text, part;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    part = pieces[i];
    if (i > 0) {
      if (part.starts_with("##"))
        part.erase(0, 2);
      else
        part.insert(0, 1, ' ');
    }
    for (const Replacement& r : kReplacements) replace_all(part, r);
    text += part;
  }
  return text;
}

std::string clean_up(std::string text) {
  for (const Replacement& r : kReplacements)
    if (r.from != " do not") replace_all(text, r);
  return text;
}

}  // namespace plainsight
