#include "text/ptb.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "text/ptb_lexer.h"
#include "text/utf8.h"
#include "text/white_space.h"

namespace plainsight {
namespace {

using ptb::Kind;
using ptb::Text;
using ptb::Token;

std::u16string to_utf16(std::string_view utf8) {
  std::u16string units;
  units.reserve(utf8.size());
  const char* const end = utf8.data() + utf8.size();
  for (const char* p = utf8.data(); p < end;) {
    const DecodedCodePoint c = decode_utf8(p, end);
    p += c.bytes;
    if (c.value < 0x10000) {
      units += static_cast<char16_t>(c.value == U'\n' ? U' ' : c.value);
    } else {
      units += static_cast<char16_t>(0xD800 + ((c.value - 0x10000) >> 10));
      units += static_cast<char16_t>(0xDC00 + ((c.value - 0x10000) & 0x3FF));
    }
  }
  return units;
}

std::u32string to_utf32(std::u16string_view units) {
  std::u32string text;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const char32_t c = units[i];
    const bool pair = c >= 0xD800 && c < 0xDC00 && i + 1 < units.size();
    text += pair ? 0x10000 + ((c - 0xD800) << 10) + (units[++i] - 0xDC00u) : c;
  }
  return text;
}

bool is_cased(char32_t c) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
         category == UTF8PROC_CATEGORY_LT;
}

// Lower case as Java's toLowerCase writes it: a capital I with a dot becomes two characters, and the last
// sigma of a word has its own form.
std::string lower(std::u16string_view token) {
  const std::u32string text = to_utf32(token);
  const std::size_t first = std::find_if(text.begin(), text.end(), is_cased) - text.begin();
  const std::size_t after_last = text.rend() - std::find_if(text.rbegin(), text.rend(), is_cased);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    char32_t small = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
    if (c == 0x130) small = U'i';
    if (c == 0x3A3 && first < i && i + 1 == after_last) small = 0x3C2;
    char bytes[4];
    result.append(bytes, encode_utf8(small, bytes));
    if (c == 0x130) result += "\u0307";
  }
  return result;
}

struct Change {
  std::u16string_view from, to;
};

std::u16string replaced(std::u16string text, std::initializer_list<Change> changes) {
  for (const auto& [from, to] : changes)
    for (std::size_t i = 0; (i = text.find(from, i)) != std::u16string::npos; i += to.size())
      text.replace(i, from.size(), to);
  return text;
}

std::u16string without_soft_hyphens(std::u16string text) {
  std::erase(text, ptb::kSoftHyphen);
  return text.empty() ? u"-" : text;
}

// Entities in any case become their character.
std::u16string without_entities(const std::u16string& text) {
  constexpr std::pair<std::string_view, char16_t> kEntities[] = {
      {"&amp;", u'&'}, {"&apos;", u'\''}, {"&lt;", u'<'}, {"&gt;", u'>'}, {"&quot;", u'"'}};
  const Text source(text);
  std::u16string result;
  for (std::size_t i = 0; i < source.size();) {
    const auto* const entity =
        std::find_if(std::begin(kEntities), std::end(kEntities),
                     [&](const auto& candidate) { return source.has(i, candidate.first); });
    const bool found = entity != std::end(kEntities);
    result += found ? entity->second : source[i];
    i += found ? entity->first.size() : 1;
  }
  return result;
}

std::u16string replaced_ampersands(const std::u16string& text) {
  const Text source(text);
  std::u16string result;
  for (std::size_t i = 0; i < source.size(); i += source.has(i, "&amp;") ? 5 : 1) result += source[i];
  return result;
}

// Quotes as LaTeX writes them; the low and the reversed ones stay.
std::u16string latex_quotes(const std::u16string& text, bool opening) {
  const std::u16string_view one = opening ? u"`" : u"'", two = opening ? u"``" : u"''";
  std::u16string result;
  for (const char16_t c : without_entities(text)) {
    if (c == u'\'')
      result += one;
    else if (c == u'"')
      result += two;
    else if (ptb::is_one_of(c, u"\u0091\u2018\u201B\u2039"))
      result += u"`";
    else if (ptb::is_one_of(c, u"\u0092\u2019\u203A"))
      result += u"'";
    else if (ptb::is_one_of(c, u"\u0093\u201C\u00AB"))
      result += u"``";
    else if (ptb::is_one_of(c, u"\u0094\u201D\u00BB"))
      result += u"''";
    else
      result += c;
  }
  return result;
}

// The token as the treebank writes it.
std::u16string written(Kind kind, std::u16string text) {
  constexpr Change kBlank = {u" ", u"\u00A0"}, kOpen = {u"(", u"-LRB-"}, kClose = {u")", u"-RRB-"};
  switch (kind) {
    case Kind::kWord:
    case Kind::kNumber:
    case Kind::kWordWithDot:
    case Kind::kHyphenated: return without_soft_hyphens(std::move(text));
    case Kind::kMarkup:
    case Kind::kFraction: return replaced(std::move(text), {kBlank});
    case Kind::kPhone: return replaced(std::move(text), {kBlank, kOpen, kClose});
    case Kind::kSmiley: return replaced(std::move(text), {kOpen, kClose});
    case Kind::kBracket:
      return replaced(
          std::move(text),
          {kOpen, kClose, {u"[", u"-LSB-"}, {u"]", u"-RSB-"}, {u"{", u"-LCB-"}, {u"}", u"-RCB-"}});
    case Kind::kDash: return u"--";
    case Kind::kHyphens: return text.size() == 3 || text.size() == 4 ? u"--" : text;
    case Kind::kEllipsis: return u"...";
    case Kind::kAmpersand:
    case Kind::kAmpersandWord:
    case Kind::kCompound: return replaced_ampersands(text);
    case Kind::kAngle: return without_entities(text);
    case Kind::kClitic:
    case Kind::kCliticInWord:
    case Kind::kDoubleQuote:
    case Kind::kQuotes: return latex_quotes(text, false);
    case Kind::kOpeningQuote: return u"`";
    case Kind::kCurrency:
      return replaced(std::move(text), {{u"\u00A2", u"cents"},
                                        {u"\u00A3", u"#"},
                                        {u"\u0080", u"$"},
                                        {u"\u00A4", u"$"},
                                        {u"\u20A0", u"$"},
                                        {u"\u20AC", u"$"}});
    case Kind::kFractionSign:
      return replaced(std::move(text), {{u"\u00BC", u"1/4"},
                                        {u"\u00BD", u"1/2"},
                                        {u"\u00BE", u"3/4"},
                                        {u"\u2153", u"1/3"},
                                        {u"\u2154", u"2/3"}});
    case Kind::kDeleted:
    case Kind::kSpace:
    case Kind::kUnknown: return {};
    default: return text;
  }
}

Token next_token(const Text& text, std::size_t at, ptb::DeadEnds& dead) {
  Token best;
  best.offer(Kind::kUnknown, at + 1);
  offer_words(text, at, dead, best);
  offer_apostrophe_words(text, at, best);
  offer_hyphenated(text, at, dead, best);
  offer_numbers(text, at, best);
  offer_abbreviations(text, at, dead, best);
  offer_addresses(text, at, dead, best);
  offer_markup(text, at, dead, best);
  offer_signs(text, at, best);
  return best;
}

// An address can end in a space that is no blank; pycocoevalcap strips the line before it drops tokens.
std::string without_trailing_space(std::string line) {
  std::size_t end = 0;
  for (const char* p = line.data(); p < line.data() + line.size();) {
    const DecodedCodePoint c = decode_utf8(p, line.data() + line.size());
    p += c.bytes;
    if (!is_white_space(c.value)) end = p - line.data();
  }
  line.resize(end);
  return line;
}

// Tokens that pycocoevalcap drops. Its list has brackets as well, but in capitals: -lrb- stays.
bool is_dropped(std::string_view token) {
  constexpr std::string_view kDropped[] = {"''", "'", "``", "`",  ".",   "?", "!",
                                           ",",  ":", "-",  "--", "...", ";"};
  return std::find(std::begin(kDropped), std::end(kDropped), token) != std::end(kDropped);
}

}  // namespace

std::string ptb_tokenize(std::string_view caption) {
  const Text text(to_utf16(caption));
  ptb::DeadEnds dead;
  std::string line;
  bool ends_in_dropped = false;
  for (std::size_t at = 0; at < text.size();) {
    const Token token = next_token(text, at, dead);
    const std::string word = lower(written(token.kind, std::u16string(text.from_to(at, token.end))));
    at = token.end;
    if (word.empty()) continue;
    ends_in_dropped = is_dropped(word);
    if (ends_in_dropped) continue;
    if (!line.empty()) line += ' ';
    line += word;
  }
  return ends_in_dropped ? line : without_trailing_space(std::move(line));
}

}  // namespace plainsight
