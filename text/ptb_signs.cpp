// Punctuation, brackets, smileys and other signs.

#include "text/ptb_lexer.h"

namespace plainsight::ptb {
namespace {

std::size_t run_of(const Text& text, std::size_t at, char16_t sign) {
  return text.run(at, [sign](char16_t c) { return c == sign; });
}

// :-)  ;P  >:(  before a character that is neither a letter nor a digit.
void offer_smiley(const Text& text, std::size_t at, Token& best) {
  std::size_t end = at + (is_one_of(text[at], u"<>") ? 1 : 0);
  if (!is_one_of(text[end], u":;=")) return;
  ++end;
  if (is_one_of(text[end], u"-o*'")) ++end;
  if (is_one_of(text[end], u"()DPdpO\\{@|[]") && !is_ascii_alphanumeric(text[end + 1]))
    best.offer(Kind::kSmiley, end + 1, end + 2);
}

// x_x  (^_^)  (-.-)  (^-^)
void offer_asian_smiley(const Text& text, std::size_t at, Token& best) {
  constexpr std::u16string_view kEyes = u"-^x=~<>'";
  const auto is_eye = [&](std::size_t i) { return is_one_of(text[i], kEyes); };
  const auto is_eye_not_hyphen = [&](std::size_t i) { return text[i] != u'-' && is_eye(i); };
  if (is_eye(at) && text[at + 1] == u'_' && is_eye(at + 2)) best.offer(Kind::kSmiley, at + 3);
  if (is_eye_not_hyphen(at) && text[at] != u'\'' && text.has(at + 1, ".[^x=~<>]"))
    best.offer(Kind::kSmiley, at + 10);
  if (text[at] != u'(' || !is_eye(at + 1)) return;
  const std::size_t second = at + 2 + (is_one_of(text[at + 2], u"_.") ? 1 : 0);
  if (is_eye(second) && text[second + 1] == u')') best.offer(Kind::kSmiley, second + 2);
  if (is_eye_not_hyphen(at + 1) && text[at + 2] == u'-' &&
      (is_eye_not_hyphen(at + 3) || text[at + 3] == u'`') && text[at + 4] == u')')
    best.offer(Kind::kSmiley, at + 5);
}

// ...  .....  . . .
void offer_ellipsis(const Text& text, std::size_t at, Token& best) {
  if (is_one_of(text[at], u"\u0085\u2026")) best.offer(Kind::kEllipsis, at + 1);
  if (const std::size_t end = text.run(
          at, [](char16_t c) { return c == u'.'; }, 5);
      end >= at + 3)
    best.offer(Kind::kEllipsis, end);
  std::size_t end = at;
  for (int dots = 0; dots < 5 && text[end] == u'.'; ++dots) {
    if (dots >= 2) best.offer(Kind::kEllipsis, end + 1);
    if (!is_one_of(text[end + 1], u" \u00A0")) break;
    end += 2;
  }
}

void offer_quotes(const Text& text, std::size_t at, Token& best) {
  if (text[at] == u'"') best.offer(Kind::kDoubleQuote, at + 1);
  // A quote before a word of two letters or more; often an opening one.
  if (text[at] == u'\'' && is_ascii_letter(text[at + 1]) && !is_one_of(text[at + 2], u" \t\n\r\u00A0"))
    best.offer(Kind::kOpeningQuote, at + 1, at + 3);
  if (const std::size_t length = apostrophe_length(text, at)) best.offer(Kind::kQuotes, at + length);
  if (text[at] == u'\'' && text[at + 1] == u'\'') best.offer(Kind::kQuotes, at + 2);
  const auto is_quote = [](char16_t c) {
    return (c >= 0x2018 && c <= 0x201F) || is_one_of(c, u"`\u0091\u0092\u0093\u0094\u2039\u203A\u00AB\u00BB");
  };
  if (is_quote(text[at])) best.offer(Kind::kQuotes, text.run(at, is_quote, 2));
}

// Runs of one sign, and single signs.
void offer_punctuation(const Text& text, std::size_t at, Token& best) {
  const char16_t c = text[at];
  if (c == u'-') best.offer(Kind::kHyphens, run_of(text, at, c));
  if (is_one_of(c, u"@#_*")) best.offer(Kind::kPunctuation, run_of(text, at, c));
  if (is_one_of(c, u"?!"))
    best.offer(Kind::kPunctuation, text.run(at, [](char16_t sign) { return sign == u'?' || sign == u'!'; }));
  if (is_comma(c) || is_one_of(c, u".=/")) best.offer(Kind::kPunctuation, at + 1);
  std::size_t stars = at;
  for (int star = 0; star < 3 && text[stars] == u'\\' && text[stars + 1] == u'*'; ++star) stars += 2;
  if (stars > at) best.offer(Kind::kPunctuation, stars);
}

}  // namespace

void offer_signs(const Text& text, std::size_t at, Token& best) {
  const char16_t c = text[at];
  if (is_one_of(c, u"\u0096\u0097\u2013\u2014\u2015")) best.offer(Kind::kDash, at + 1);
  if (c == u'<' || c == u'>') {
    best.offer(Kind::kAngle, at + 1);
    if (text[at + 1] == c) best.offer(Kind::kDoubleAngle, at + 2);
  }
  if (is_one_of(c, u"(){}[]")) best.offer(Kind::kBracket, at + 1);
  if (c == 0x7F) best.offer(Kind::kDeleted, at + 1);
  if (is_sign(c)) best.offer(Kind::kSign, at + 1);
  if (is_space(c) || c == 0 || is_one_of(c, u"\u200B\u200E\u200F\uFEFF"))
    best.offer(Kind::kSpace, std::max(at + 1, text.run(at, is_blank)));
  for (const std::string_view bracket : {"rrb", "lrb", "rcb", "lcb", "rsb", "lsb"})
    if (c == u'-' && text.has(at + 1, bracket) && text[at + 4] == u'-') best.offer(Kind::kCompound, at + 5);
  offer_punctuation(text, at, best);
  offer_ellipsis(text, at, best);
  offer_quotes(text, at, best);
  offer_smiley(text, at, best);
  offer_asian_smiley(text, at, best);
}

}  // namespace plainsight::ptb
