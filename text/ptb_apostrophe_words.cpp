// Words whose apostrophe is part of them.

#include "text/ptb_lexer.h"

namespace plainsight::ptb {
namespace {

struct Pattern {
  std::string_view before, after;  // of the apostrophe
};

// Words that need a plain apostrophe.
constexpr Pattern kWords[] = {{"cont", "d"}, {"cont", "d."}, {"", "twas"}, {"nor", "easter"}, {"c", "mon"},
                              {"e", "er"},   {"s", "mores"}, {"ev", "ry"}, {"li", "l"},       {"nat", "l"}};

// Words with any form of apostrophe.
constexpr Pattern kBorrowed[] = {{"dunkin", ""}, {"somethin", ""}, {"ol", ""},   {"cap", "n"}, {"c", "est"},
                                 {"", "n"},      {"", "em"},       {"", "till"}, {"", "til"},  {"", "cause"}};

bool is_vowel(char16_t c) { return is_one_of(c, u"aeiou"); }

// ma'am, Qu'Appelle: letters, the last of them a vowel or y; then a vowel or a capital, and letters.
void offer_vowel_apostrophe(const Text& text, std::size_t at, Token& best) {
  const std::size_t end = text.run(at, is_letter);
  if (end < at + 2 || !is_one_of(text[end - 1], u"aeiouyAEIOUY")) return;
  const std::size_t after = end + any_apostrophe_length(text, end);
  if (after > end && (is_vowel(text[after]) || is_ascii_upper(text[after])))
    best.offer(Kind::kApostropheWord, text.run(after + 1, is_letter));
}

// l' d' j' alone; y' before a letter; O'Brien, N'Djamena; O'o.
void offer_one_letter(const Text& text, std::size_t at, Token& best) {
  const char16_t c = text[at];
  if (is_one_of(c, u"lLdDjJyY")) {
    const std::size_t end = at + 1 + apostrophe_length(text, at + 1);
    if (end > at + 1) {
      if (folded(c) != u'y')
        best.offer(Kind::kApostropheWord, end);
      else if (is_letter(text[end]))
        best.offer(Kind::kApostropheWord, end, end + 1);
    }
  }
  const std::size_t after = at + 1 + any_apostrophe_length(text, at + 1);
  if (after == at + 1) return;
  if (folded(c) == u'o' && folded(text[after]) == u'o') best.offer(Kind::kApostropheWord, after + 1);
  // I and Y begin I'll and Y'know.
  if (c == u'n' || (is_ascii_upper(c) && c != u'I' && c != u'Y'))
    if (const std::size_t end = text.run(after, is_letter); end >= after + 2)
      best.offer(Kind::kApostropheWord, end);
}

}  // namespace

void offer_apostrophe_words(const Text& text, std::size_t at, Token& best) {
  for (const Pattern& word : kWords) {
    const std::size_t middle = at + word.before.size();
    if (text[middle] == u'\'' && text.has(at, word.before) && text.has(middle + 1, word.after))
      best.offer(Kind::kApostropheWord, middle + 1 + word.after.size());
  }
  for (const Pattern& word : kBorrowed) {
    const std::size_t middle = at + word.before.size(), after = middle + apostrophe_length(text, middle);
    if (after == middle || !text.has(at, word.before) || !text.has(after, word.after)) continue;
    const std::size_t end = after + word.after.size();
    best.offer(Kind::kApostropheWord, end);
    if (word.before.empty() && word.after == "n")  // rock 'n' roll
      best.offer(Kind::kApostropheWord, end + apostrophe_length(text, end));
  }
  // the '90s, and '99
  if (const std::size_t digits = at + apostrophe_length(text, at); digits > at) {
    if (text[digits] >= u'2' && text[digits] <= u'9' && text[digits + 1] == u'0' &&
        folded(text[digits + 2]) == u's')
      best.offer(Kind::kApostropheWord, digits + 3);
    if (text.run(digits, is_ascii_digit, 2) == digits + 2 && is_space(text[digits + 2]))
      best.offer(Kind::kYear, digits + 2, digits + 3);
  }
  offer_vowel_apostrophe(text, at, best);
  offer_one_letter(text, at, best);
}

}  // namespace plainsight::ptb
