#include "text/ptb.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "text/americanize.h"
#include "text/bert_character_versions.h"
#include "text/utf8.h"

namespace plainsight {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }

std::string lower(std::string_view text) {
  std::string result;
  const char* const end = text.data() + text.size();
  for (const char* p = text.data(); p < end;) {
    const DecodedCodePoint c = decode_utf8(p, end);
    char bytes[4];
    result.append(bytes, encode_utf8(bert_lower(c.value), bytes));
    p += c.bytes;
  }
  return result;
}

// Typographic characters as the tokenizer reads them.
std::string plain_characters(std::string_view caption) {
  constexpr std::pair<std::string_view, std::string_view> kPlain[] = {
      {"\u2018", "'"},  {"\u2019", "'"},   {"\u201C", "\""}, {"\u201D", "\""}, {"\u2013", "--"},
      {"\u2014", "--"}, {"\u2026", "..."}, {"\u00A0", " "},  {"\uFFFD", ""}};
  const std::string text = replace_invalid_utf8(caption);
  std::string plain;
  for (std::string_view rest = text; !rest.empty();) {
    const auto found = std::find_if(std::begin(kPlain), std::end(kPlain),
                                    [&](const auto& p) { return rest.starts_with(p.first); });
    const bool special = found != std::end(kPlain);
    plain += special ? found->second : rest.substr(0, 1);
    rest.remove_prefix(special ? found->first.size() : 1);
  }
  return plain;
}

// Matchers: how many bytes of `s` a pattern takes from its start, 0 for none. The longest one wins.
using Length = std::size_t;

Length run(std::string_view s, Length from, bool (*is)(char)) {
  while (from < s.size() && is(s[from])) ++from;
  return from;
}

bool at(std::string_view s, Length i, bool (*is)(char)) { return i < s.size() && is(s[i]); }

// Letters and digits; a dot, ! or ? goes on inside when a letter follows at once.
Length match_word(std::string_view s) {
  Length n = run(s, 0, is_alphanumeric);
  if (n == 0 || !is_letter(s[0])) return n;
  while (n < s.size() && (s[n] == '.' || s[n] == '!' || s[n] == '?') && at(s, n + 1, is_letter))
    n = run(s, n + 1, is_alphanumeric);
  return n;
}

// 1,000  3.5  10:30  -4  1/2
Length match_number(std::string_view s) {
  const Length sign = !s.empty() && (s[0] == '-' || s[0] == '+') ? 1 : 0;
  Length n = run(s, sign, is_digit);
  if (n == sign) return 0;
  if (n < s.size() && s[n] == '/' && at(s, n + 1, is_digit)) return run(s, n + 1, is_digit);
  while (n < s.size() && (s[n] == '.' || s[n] == ',' || s[n] == ':') && at(s, n + 1, is_digit))
    n = run(s, n + 1, is_digit);
  return n;
}

// t-shirt  brown-haired  20-year-old. `dead_end`: no such word begins before it; what was walked through in
// vain is not walked through again from its next word.
Length match_hyphenated(std::string_view s, const char*& dead_end) {
  if (!at(s, 0, is_alphanumeric) || s.data() < dead_end) return 0;
  Length n = run(s, 0, [](char c) { return is_alphanumeric(c) || c == '.' || c == ','; });
  if (!(n < s.size() && s[n] == '-' && at(s, n + 1, is_alphanumeric))) {
    dead_end = s.data() + n;
    return 0;
  }
  while (n < s.size() && s[n] == '-' && at(s, n + 1, is_alphanumeric)) n = run(s, n + 1, is_alphanumeric);
  return n;
}

// at&t  his/her: parts joined without blanks.
Length match_joined(std::string_view s) {
  Length n = run(s, 0, is_alphanumeric);
  if (n == 0) return 0;
  const char sign = n < s.size() ? s[n] : '\0';
  if (sign != '&' && sign != '/') return 0;
  for (int parts = 1;
       n < s.size() && s[n] == sign && at(s, n + 1, is_alphanumeric) && (sign == '&' || parts <= 2); ++parts)
    n = run(s, n + 1, is_alphanumeric);
  return n;
}

// Words whose apostrophe is part of them.
Length match_apostrophe_word(std::string_view s) {
  constexpr std::string_view kWords[] = {"o'clock", "ma'am", "c'mon", "'n'",
                                         "'em",     "'til",  "'till", "'cause"};
  Length best = 0;
  for (const std::string_view word : kWords)
    if (lower(s.substr(0, word.size())) == word && !at(s, word.size(), is_alphanumeric))
      best = std::max(best, word.size());
  return best;
}

// 's 'm 'd 're 've 'll behind a word
Length match_clitic(std::string_view s) {
  for (const std::string_view clitic : {"'s", "'m", "'d", "'re", "'ve", "'ll"})
    if (lower(s.substr(0, clitic.size())) == clitic && !at(s, clitic.size(), is_alphanumeric))
      return clitic.size();
  return 0;
}

bool is_abbreviation(std::string_view word) {
  constexpr std::string_view kAbbreviations[] = {"mr", "mrs", "ms", "dr", "st",  "jr",   "sr", "prof", "ave",
                                                 "vs", "etc", "mt", "ft", "inc", "corp", "co", "ltd",  "no"};
  if (std::find(std::begin(kAbbreviations), std::end(kAbbreviations), lower(word)) !=
      std::end(kAbbreviations))
    return true;
  // u.s  a.m: single letters with dots
  if (word.size() < 3 || word.size() % 2 == 0) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (i % 2 == 0 ? !is_letter(word[i]) : word[i] != '.') return false;
  return true;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : rest_(text), no_hyphen_before_(text.data()) {}

  std::string run() {
    while (!rest_.empty()) step();
    return std::move(result_);
  }

 private:
  void emit(std::string_view token) {
    if (!result_.empty()) result_ += ' ';
    result_ += lower(token);
  }

  void step() {
    const Length apostrophe = match_apostrophe_word(rest_);
    const Length clitic = after_word_ ? match_clitic(rest_) : 0;
    const Length word = std::max({match_word(rest_), match_number(rest_),
                                  match_hyphenated(rest_, no_hyphen_before_), match_joined(rest_)});
    after_word_ = false;
    if (apostrophe > word) return take(apostrophe);
    if (clitic > 0) return take(clitic);
    if (word > 0) return take_word(word);
    take_sign();
  }

  void take(Length n) {
    emit(rest_.substr(0, n));
    rest_.remove_prefix(n);
  }

  void take_word(Length n) {
    std::string_view word = rest_.substr(0, n);
    after_word_ = true;
    // don't -> do n't
    if (const std::string_view behind = rest_.substr(n); lower(word).ends_with('n') && word.size() > 1 &&
                                                         lower(behind.substr(0, 2)) == "'t" &&
                                                         !at(behind, 2, is_alphanumeric)) {
      emit(word.substr(0, n - 1));
      emit("n't");
      return rest_.remove_prefix(n + 2);
    }
    if (n < rest_.size() && rest_[n] == '.' && is_abbreviation(word)) return take(n + 1);
    rest_.remove_prefix(n);
    constexpr std::pair<std::string_view, std::size_t> kSplit[] = {{"cannot", 3}, {"gonna", 3}, {"gotta", 3},
                                                                   {"wanna", 3},  {"gimme", 3}, {"lemme", 3}};
    for (const auto& [whole, first] : kSplit)
      if (lower(word) == whole) return emit(word.substr(0, first)), emit(word.substr(first));
    std::string spelling = americanize(word);
    for (std::size_t i = 0; (i = spelling.find('/', i)) != std::string::npos && !is_digit(word[0]); i += 2)
      spelling.insert(i, "\\");
    emit(spelling);
  }

  // Quotes, dots, commas, dashes ... are tokens that scoring drops; brackets are written as -LRB- ..., which,
  // in lower case, its list of dropped tokens misses.
  void take_sign() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    constexpr std::pair<char, std::string_view> kWritten[] = {{'(', "-lrb-"}, {')', "-rrb-"}, {'[', "-lsb-"},
                                                              {']', "-rsb-"}, {'{', "-lcb-"}, {'}', "-rcb-"},
                                                              {'/', "\\/"},   {'*', "\\*"}};
    for (const auto& [sign, written] : kWritten)
      if (c == sign) return emit(written);
    if (std::string_view("$%&#@=+<>^_|~\\").find(c) != std::string_view::npos) emit({&c, 1});
  }

  std::string_view rest_;
  const char* no_hyphen_before_;
  std::string result_;
  bool after_word_ = false;
};

}  // namespace

std::string ptb_tokenize(std::string_view caption) {
  const std::string text = plain_characters(caption);
  return Tokenizer(text).run();
}

}  // namespace plainsight
