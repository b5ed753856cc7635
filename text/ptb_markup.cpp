// Markup and its entities, as far as the tokenizer knows them.

#include <algorithm>

#include "text/ptb_lexer.h"

namespace plainsight::ptb {
namespace {

std::size_t name_end(const Text& text, std::size_t at) {
  if (!is_ascii_letter(text[at])) return at;
  return text.run(at, [](char16_t c) { return is_ascii_alphanumeric(c) || is_one_of(c, u"_:.-"); });
}

std::size_t skip_blanks(const Text& text, std::size_t at) {
  return text.run(at, [](char16_t c) { return c == u' '; });
}

// = 'x', after the name of an attribute; `at` where there is none.
std::size_t value_end(const Text& text, std::size_t at) {
  const std::size_t sign = skip_blanks(text, at);
  if (text[sign] != u'=') return at;
  const std::size_t begin = skip_blanks(text, sign + 1);
  const char16_t quote = text[begin];
  if (quote != u'\'' && quote != u'"') return at;
  const std::size_t end = text.run(begin + 1, [quote](char16_t c) { return c != quote; });
  return text[end] == quote ? end + 1 : at;
}

}  // namespace

std::size_t markup_length(const Text& text, std::size_t at, DeadEnd& dead) {
  if (text[at] != u'<') return 0;
  std::size_t end = at + 1;
  if (is_one_of(text[end], u"!?")) {
    if (at < dead.end || !(is_ascii_letter(text[end + 1]) || text[end + 1] == u'-')) return 0;
    end = text.run(end + 2, [](char16_t c) { return !is_one_of(c, u">\r\n"); });
    if (text[end] != u'>') {
      dead.end = end;
      return 0;
    }
    return end + 1 - at;
  }
  const bool closing = text[end] == u'/';
  const std::size_t name = end + (closing ? 1 : 0);
  end = name_end(text, name);
  if (end == name) return 0;
  while (!closing) {
    const std::size_t attribute = skip_blanks(text, end), attribute_end = name_end(text, attribute);
    if (attribute == end || attribute_end == attribute) break;
    end = value_end(text, attribute_end);
  }
  end = skip_blanks(text, end);
  if (!closing && text[end] == u'/') end = skip_blanks(text, end + 1);
  return text[end] == u'>' ? end + 1 - at : 0;
}

void offer_markup(const Text& text, std::size_t at, DeadEnds& dead, Token& best) {
  if (const std::size_t length = markup_length(text, at, dead.markup)) best.offer(Kind::kMarkup, at + length);
  if (text[at] != u'&') return;
  struct Entity {
    std::string_view name;
    Kind kind;
  };
  constexpr Entity kEntities[] = {
      {"md;", Kind::kDash},       {"mdash;", Kind::kDash}, {"ndash;", Kind::kDash},
      {"amp;", Kind::kAmpersand}, {"nbsp;", Kind::kSpace}, {"quot;", Kind::kDoubleQuote},
      {"lt;", Kind::kAngle},      {"gt;", Kind::kAngle},   {"ht;", Kind::kEntity},
      {"tl;", Kind::kEntity},     {"ur;", Kind::kEntity},  {"lr;", Kind::kEntity},
      {"qc;", Kind::kEntity},     {"ql;", Kind::kEntity},  {"qr;", Kind::kEntity},
      {"odq;", Kind::kEntity},    {"cdq;", Kind::kEntity}};
  for (const Entity& entity : kEntities)
    if (text.has(at + 1, entity.name)) best.offer(entity.kind, at + 1 + entity.name.size());
  const std::size_t digits = text.run(at + 2, is_ascii_digit);
  if (text[at + 1] == u'#' && digits > at + 2 && text[digits] == u';') best.offer(Kind::kEntity, digits + 1);
}

}  // namespace plainsight::ptb
