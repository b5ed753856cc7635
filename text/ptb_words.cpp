// Words and the clitics that are split from them.

#include <algorithm>

#include "text/ptb_lexer.h"

namespace plainsight::ptb {

std::size_t apostrophe_length(const Text& text, std::size_t at) {
  if (is_one_of(text[at], u"'\u0092\u2019")) return 1;
  return text[at] == u'&' && text.has(at, "&apos;") ? 6 : 0;
}

std::size_t any_apostrophe_length(const Text& text, std::size_t at) {
  return is_one_of(text[at], u"`\u0091\u2018\u201B") ? 1 : apostrophe_length(text, at);
}

std::size_t word_letter_length(const Text& text, std::size_t at) {
  const char16_t c = text[at];
  if (c != u'&') return is_letter(c) || is_word_mark(c) ? 1 : 0;
  if (!is_one_of(text[at + 1], u"aeiouAEIOU")) return 0;
  for (const std::string_view accent : {"acute;", "grave;", "uml;"})
    if (text.has(at + 2, accent)) return 2 + accent.size();
  return 0;
}

namespace {

// Letters and digits, a letter first; goes on after . ! ? when a letter follows at once.
std::size_t word_end(const Text& text, std::size_t at) {
  std::size_t end = at;
  std::size_t letter = word_letter_length(text, at);
  while (letter > 0) {
    for (end += letter; (letter = is_digit(text[end]) ? 1 : word_letter_length(text, end)) > 0;)
      end += letter;
    if (is_one_of(text[end], u".!?") && (letter = word_letter_length(text, end + 1)) > 0) ++end;
  }
  return end;
}

// 's 'm 'd 're 've 'll
std::size_t clitic_length(const Text& text, std::size_t at) {
  const std::size_t apostrophe = apostrophe_length(text, at);
  if (apostrophe == 0) return 0;
  if (is_one_of(text[at + apostrophe], u"msdMSD")) return apostrophe + 1;
  for (const std::string_view rest : {"re", "ve", "ll"})
    if (text.has(at + apostrophe, rest)) return apostrophe + 2;
  return 0;
}

// n't
std::size_t not_length(const Text& text, std::size_t at) {
  if (folded(text[at]) != u'n') return 0;
  const std::size_t apostrophe = any_apostrophe_length(text, at + 1);
  return apostrophe > 0 && folded(text[at + 1 + apostrophe]) == u't' ? apostrophe + 2 : 0;
}

// do|n't: ASCII letters before n't, the last of them no n.
void offer_negated(const Text& text, std::size_t at, Token& best) {
  const std::size_t run = text.run(at, [](char16_t c) { return is_ascii_letter(c) || c == kSoftHyphen; });
  if (run < at + 2) return;
  const std::size_t verb = run - 1, length = not_length(text, verb);
  if (length == 0) return;
  std::size_t last = verb;
  while (last > at && text[last - 1] == kSoftHyphen) --last;
  if (last > at && folded(text[last - 1]) != u'n') best.offer(Kind::kWord, verb, verb + length);
}

// Words of two that are written as one.
void offer_assimilated(const Text& text, std::size_t at, Token& best) {
  struct {
    std::string_view whole;
    std::size_t first;
  } constexpr kWords[] = {{"cannot", 3}, {"'twas", 2}, {"'tis", 2},  {"gonna", 3},
                          {"gotta", 3},  {"lemme", 3}, {"gimme", 3}, {"wanna", 3}};
  for (const auto& word : kWords)
    if (text.has(at, word.whole)) best.offer(Kind::kAssimilated, at + word.first, at + word.whole.size());
}

// a.txt: parts of letters and digits, the last of them a known ending, and the end of a clause after it.
void offer_file_name(const Text& text, std::size_t at, DeadEnd& dead, Token& best) {
  constexpr std::string_view kEndings[] = {"bat", "bmp", "c",   "class", "cgi", "cpp",  "dll", "doc",  "docx",
                                           "exe", "gif", "gz",  "h",     "htm", "html", "jar", "java", "jpeg",
                                           "jpg", "mov", "mp3", "pdf",   "php", "pl",   "png", "ppt",  "ps",
                                           "py",  "sql", "tar", "txt",   "wav", "x",    "xml", "zip"};
  if (at < dead.end) return;
  bool found = false;
  std::size_t end = at;
  for (std::size_t part = at;; part = end + 1) {
    for (end = part; const std::size_t letter = is_digit(text[end]) ? 1 : word_letter_length(text, end);)
      end += letter;
    if (end == part) break;
    const char16_t after = text[end];
    if (part > at && (is_space(after) || is_one_of(after, u".?!,")))
      for (const std::string_view ending : kEndings)
        if (ending.size() == end - part && text.has(part, ending))
          best.offer(Kind::kFileName, end, end + 1), found = true;
    if (after != u'.') break;
  }
  if (!found) dead.end = end;
}

}  // namespace

void offer_words(const Text& text, std::size_t at, DeadEnds& dead, Token& best) {
  offer_assimilated(text, at, best);
  for (const std::string_view language : {"c++", "c#", "f#"})
    if (text.has(at, language)) best.offer(Kind::kLanguage, at + language.size());
  for (const std::string_view compound : {"pro-", "anti-", "c.d.s"})
    if (text.has(at, compound)) best.offer(Kind::kCompound, at + compound.size());
  if (const std::size_t end = word_end(text, at); end > at) {
    best.offer(Kind::kWord, end);
    if (const std::size_t clitic = clitic_length(text, end)) best.offer(Kind::kWord, end, end + clitic);
    if (text[end] == u'.' && is_comma(text[end + 1])) best.offer(Kind::kWordWithDot, end + 1, end + 2);
  }
  offer_negated(text, at, best);
  for (const std::size_t length : {clitic_length(text, at), not_length(text, at)})
    if (length > 0) {
      const std::size_t end = at + length;
      best.offer(Kind::kCliticInWord, end);
      if (!is_ascii_letter(text[end])) best.offer(Kind::kClitic, end, end + 1);
    }
  offer_file_name(text, at, dead.file_name, best);
}

}  // namespace plainsight::ptb
