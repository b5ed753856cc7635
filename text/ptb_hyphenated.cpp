// Words joined by hyphens, slashes and ampersands.

#include <algorithm>

#include "text/ptb_lexer.h"

namespace plainsight::ptb {
namespace {

// Two or more single letters, each with a dot: u.s.
std::size_t initials_end(const Text& text, std::size_t at) {
  std::size_t end = at;
  while (is_ascii_letter(text[end]) && text[end + 1] == u'.') end += 2;
  return end >= at + 4 ? end : at;
}

// t-shirt, 20-year-old, 3.5-inch, non-U.S.: begins with ASCII letters and digits, also with dots and commas.
void offer_ascii_hyphenated(const Text& text, std::size_t at, DeadEnd& dead, Token& best) {
  if (at < dead.end || !is_ascii_alphanumeric(text[at])) return;
  const auto part = [](char16_t c) { return is_ascii_alphanumeric(c) || c == kSoftHyphen; };
  const std::size_t first = text.run(at, [&](char16_t c) { return part(c) || c == u'.' || c == u','; });
  std::size_t end = first;
  while (text[end] == u'-') {
    const std::size_t plain = text.run(end + 1, part), initials = initials_end(text, end + 1);
    if (initials > end + 1)
      end = initials;
    else if (plain > end + 1)
      end = plain;
    else
      break;
  }
  if (end == first) {
    dead.end = first;
    return;
  }
  best.offer(Kind::kHyphenated, end);
  if (text[end] == u'.' && is_comma(text[end + 1])) best.offer(Kind::kHyphenated, end + 1, end + 2);
}

// Letters and digits of any script; before them perhaps d', l' or o' with a letter.
std::size_t part_end(const Text& text, std::size_t at) {
  if (is_one_of(text[at], u"dDoOlL"))
    if (const std::size_t apostrophe = any_apostrophe_length(text, at + 1)) {
      const std::size_t after = at + 1 + apostrophe;
      if (is_alphanumeric(text[after]) && is_alphanumeric(text[after + 1])) at = after;
    }
  return text.run(at, is_alphanumeric);
}

void offer_parts(const Text& text, std::size_t at, Token& best) {
  std::size_t end = part_end(text, at);
  if (end == at) return;
  while (is_hyphen(text[end])) {
    const std::size_t next = part_end(text, end + 1);
    if (next == end + 1) break;
    end = next;
  }
  best.offer(Kind::kPart, end);
  if (text[end] == u'.' && is_comma(text[end + 1])) best.offer(Kind::kPart, end + 1, end + 2);
}

// his/her, and/or/not, t-shirt/jeans: two or three parts, each with up to two hyphens.
void offer_slashed(const Text& text, std::size_t at, Token& best) {
  const auto part = [&](std::size_t begin) {
    std::size_t end = text.run(begin, is_ascii_alphanumeric);
    for (int hyphens = 0; hyphens < 2 && end > begin && text[end] == u'-'; ++hyphens) {
      const std::size_t next = text.run(end + 1, is_ascii_letter);
      if (next == end + 1) break;
      end = next;
    }
    return end;
  };
  std::size_t end = part(at);
  if (end == at) return;
  for (int slashes = 0; slashes < 2; ++slashes) {
    const std::size_t begin = end + (text[end] == u'\\' ? 1 : 0);
    if (text[begin] != u'/') return;
    const std::size_t next = part(begin + 1);
    if (next == begin + 1) return;
    end = next;
    best.offer(Kind::kSlashed, end);
  }
}

// AT&T, A+B: capitals only. S&Ls and S&P-500 in any case.
void offer_ampersand_words(const Text& text, std::size_t at, Token& best) {
  std::size_t end = text.run(at, is_ascii_upper);
  const auto sign_length = [&](std::size_t i) -> std::size_t {
    return text.has(i, "&amp;") ? 5 : text[i] == u'&' ? 1 : 0;
  };
  for (bool joined = false; end > at; joined = true) {
    if (joined) {
      best.offer(Kind::kAmpersandWord, end);
      if (text[end] == u'.' && is_comma(text[end + 1])) best.offer(Kind::kAmpersandWord, end + 1, end + 2);
    }
    std::size_t after = end + (text[end] == u'+' ? 1 : sign_length(end));
    if (!is_ascii_upper(text[after]) && text[end] == u'&') after = end + 1;  // I&AMP; has the capitals AMP
    const std::size_t next = text.run(after, is_ascii_upper);
    if (after == end || next == after) break;
    end = next;
  }
  if (folded(text[at]) != u's' || sign_length(at + 1) == 0) return;
  const std::size_t after = at + 1 + sign_length(at + 1);
  for (const std::string_view name : {"ls", "p-500"})
    if (text.has(after, name)) best.offer(Kind::kCompound, after + name.size());
}

}  // namespace

void offer_hyphenated(const Text& text, std::size_t at, DeadEnds& dead, Token& best) {
  offer_ascii_hyphenated(text, at, dead.hyphenated, best);
  offer_parts(text, at, best);
  offer_slashed(text, at, best);
  offer_ampersand_words(text, at, best);
}

}  // namespace plainsight::ptb
