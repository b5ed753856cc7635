// Numbers, dates, fractions, amounts and telephone numbers.

#include <algorithm>

#include "text/ptb_lexer.h"

namespace plainsight::ptb {
namespace {

bool is_digit_gap(char16_t c) { return is_one_of(c, u"- \u00A0"); }

// 1,000  3.5  10:30  .5
void offer_number(const Text& text, std::size_t at, Token& best) {
  const std::size_t begin = at + (is_one_of(text[at], u"-+") ? 1 : 0);
  std::size_t end = text.run(begin, is_digit);
  while (is_one_of(text[end], u".:,\u00AD\u066B\u066C") && is_digit(text[end + 1]))
    end = text.run(end + 1, is_digit);
  if (end > begin) best.offer(Kind::kNumber, end);
}

// 1/2/2003, 24-12-99
void offer_date(const Text& text, std::size_t at, Token& best) {
  const auto is_mark = [](char16_t c) { return c == u'-' || c == u'/'; };
  const std::size_t day = text.run(at, is_digit, 2);
  if (day == at || !is_mark(text[day])) return;
  const std::size_t month = text.run(day + 1, is_digit, 2);
  if (month == day + 1 || !is_mark(text[month])) return;
  const std::size_t year = text.run(month + 1, is_digit, 4);
  if (year >= month + 3) best.offer(Kind::kDate, year);
}

// 1/2, 1 1/2, 1-1/2
void offer_fraction(const Text& text, std::size_t at, Token& best) {
  const auto offer = [&](std::size_t begin) {
    std::size_t slash = text.run(begin, is_digit, 4);
    if (slash == begin) return;
    if (text[slash] == u'\\' && text[slash + 1] == u'/') ++slash;
    if (text[slash] != u'/' && text[slash] != u'\u2044') return;
    const std::size_t end = text.run(slash + 1, is_digit, 4);
    if (end > slash + 1) best.offer(Kind::kFraction, end);
  };
  offer(at);
  const std::size_t whole = text.run(at, is_digit, 4);
  if (whole > at && is_digit_gap(text[whole])) offer(whole + 1);
}

void offer_raised_number(const Text& text, std::size_t at, Token& best) {
  const auto is_superscript = [](char16_t c) {
    return is_one_of(c, u"\u2070\u00B9\u00B2\u00B3") || (c >= 0x2074 && c <= 0x2079);
  };
  const auto is_subscript = [](char16_t c) { return c >= 0x2080 && c <= 0x2089; };
  const std::size_t begin = at + (is_one_of(text[at], u"\u207A\u207B\u208A\u208B") ? 1 : 0);
  const std::size_t end = std::max(text.run(begin, is_superscript), text.run(begin, is_subscript));
  if (end > begin) best.offer(Kind::kRaisedNumber, end);
}

// The end of `least` to `most` ASCII digits that no further digit follows; `at` where there are none.
std::size_t group_end(const Text& text, std::size_t at, std::size_t least, std::size_t most) {
  const std::size_t end = text.run(at, is_ascii_digit, most + 1);
  return end >= at + least && end <= at + most ? end : at;
}

// The last two groups of a telephone number: 555-1234, 5551234.
void offer_phone_end(const Text& text, std::size_t at, Token& best) {
  const std::size_t all = text.run(at, is_ascii_digit, 9);
  if (all >= at + 6) best.offer(Kind::kPhone, all);
  const std::size_t first = group_end(text, at, 3, 4);
  if (first == at || !is_digit_gap(text[first])) return;
  const std::size_t end = text.run(first + 1, is_ascii_digit, 5);
  if (end >= first + 4) best.offer(Kind::kPhone, end);
}

// (800) 555-1234, +44 20 555 1234
void offer_phone(const Text& text, std::size_t at, Token& best) {
  if (text[at] == u'(') {
    const std::size_t area = group_end(text, at + 1, 2, 3);
    if (area == at + 1 || text[area] != u')') return;
    offer_phone_end(text, area + 1, best);
    if (is_one_of(text[area + 1], u" \u00A0")) offer_phone_end(text, area + 2, best);
    return;
  }
  std::size_t begin = text.run(
      at, [](char16_t c) { return c == u'+'; }, 2);
  for (int groups = 0; groups < 2; ++groups) {
    const std::size_t end = group_end(text, begin, 2, 4);
    if (end == begin || !is_digit_gap(text[end])) return;
    begin = end + 1;
    offer_phone_end(text, begin, best);
  }
}

// 555.123.4567, +1.555.123.4567
void offer_dotted_phone(const Text& text, std::size_t at, Token& best) {
  const auto offer = [&](std::size_t begin) {
    const std::size_t area = group_end(text, begin, 2, 4);
    if (area == begin || text[area] != u'.') return area;
    const std::size_t middle = group_end(text, area + 1, 3, 4);
    if (middle == area + 1 || text[middle] != u'.') return area;
    const std::size_t end = text.run(middle + 1, is_ascii_digit, 5);
    if (end >= middle + 4) best.offer(Kind::kPhone, end);
    return area;
  };
  const std::size_t begin = text.run(
      at, [](char16_t c) { return c == u'+'; }, 2);
  const std::size_t country = group_end(text, begin, 2, 4);
  if (begin == at) offer(at);
  if (country > begin && text[country] == u'.') offer(country + 1);
}

}  // namespace

void offer_numbers(const Text& text, std::size_t at, Token& best) {
  offer_date(text, at, best);
  offer_number(text, at, best);
  offer_raised_number(text, at, best);
  offer_fraction(text, at, best);
  offer_phone(text, at, best);
  offer_dotted_phone(text, at, best);

  const char16_t c = text[at];
  if (is_one_of(c, u"\u00BC\u00BD\u00BE") || (c >= 0x2153 && c <= 0x215E))
    best.offer(Kind::kFractionSign, at + 1);
  if (is_one_of(c, u"\u00A2\u00A3\u00A4\u00A5\u0080\u20A0\u20AC\u060B\u0E3F\u20A4\uFFE0\uFFE1\uFFE5\uFFE6"))
    best.offer(Kind::kCurrency, at + 1);
  if (c == u'#') best.offer(Kind::kDollar, at + 1);
  if (const std::size_t dollar = text.run(at, is_ascii_upper); text[dollar] == u'$')
    best.offer(Kind::kDollar, dollar + 1);
}

}  // namespace plainsight::ptb
