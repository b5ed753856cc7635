#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/ptb_characters.h"

namespace plainsight::ptb {

/// The kinds of tokens, in order of precedence. At each position the candidate that scans the most characters
/// wins, lookahead included; precedence decides between equals.
enum class Kind : std::uint8_t {
  kLanguage,        ///< c++ c# f#
  kAssimilated,     ///< can|not, gon|na, 't|was
  kMarkup,          ///< <p>, <img alt='x'/>
  kDash,            ///< en and em dash
  kAmpersand,       ///< &amp;
  kEntity,          ///< &#38;
  kWord,            ///< dog; a.b; do|n't
  kApostropheWord,  ///< o'clock, ma'am, 'n'
  kUrl,             ///< http://x.org/a, x.org
  kEmail,           ///< a@b.org
  kHandle,          ///< @name, #topic
  kClitic,          ///< 's 're n't
  kDate,            ///< 1/2/2003
  kNumber,          ///< 1,000 3.5 10:30 -4
  kRaisedNumber,    ///< superscript or subscript digits
  kFraction,        ///< 1/2, 1 1/2
  kFractionSign,    ///< one character
  kCompound,        ///< anti- pro- c'est S&Ls
  kSlashed,         ///< his/her
  kDollar,          ///< $ US$ #
  kCurrency,        ///< cent, pound, euro, ...
  kInitial,         ///< plan B|. The
  kAbbreviation,    ///< mr. u.s.
  kYear,            ///< '99
  kFileName,        ///< a.txt
  kWordWithDot,     ///< op., before a comma
  kPhone,           ///< (800) 555-1234
  kDoubleQuote,     ///< "
  kDeleted,         ///< the control character 0x7F
  kAngle,           ///< < > &lt; &gt;
  kSmiley,          ///< :-) (^_^)
  kBracket,         ///< ( ) [ ] { }
  kHyphens,         ///< - -- -----
  kEllipsis,        ///< ... . . .
  kPunctuation,     ///< , ; : . ? ! = / * @ _ and runs of some
  kHyphenated,      ///< t-shirt 20-year-old
  kPart,            ///< the same with letters of any script
  kAmpersandWord,   ///< AT&T
  kOpeningQuote,    ///< ' before a word
  kCliticInWord,    ///< 's before a letter
  kQuotes,          ///< other quotes
  kDoubleAngle,     ///< << >>
  kSign,            ///< % & + and other symbols
  kSpace,           ///< dropped
  kUnknown,         ///< dropped
};

/// The text of a caption in UTF-16. Reading past its end gives line ends.
class Text {
 public:
  explicit Text(std::u16string units) : units_(std::move(units)) {}

  std::size_t size() const { return units_.size(); }
  char16_t operator[](std::size_t i) const { return i < units_.size() ? units_[i] : u'\n'; }
  std::u16string_view from_to(std::size_t begin, std::size_t end) const {
    return std::u16string_view(units_).substr(begin, end - begin);
  }

  /// Whether `word` (ASCII, lower case) is at `at`, in upper or lower case.
  bool has(std::size_t at, std::string_view word) const {
    for (std::size_t i = 0; i < word.size(); ++i)
      if (folded((*this)[at + i]) != static_cast<unsigned char>(word[i])) return false;
    return true;
  }

  /// The end of the run of characters of one class that begins at `at`, at most `most` characters on.
  template <class Class>
  std::size_t run(std::size_t at, Class is, std::size_t most = SIZE_MAX) const {
    std::size_t end = at;
    while (end < units_.size() && end - at < most && is(units_[end])) ++end;
    return end;
  }

 private:
  std::u16string units_;
};

/// The token that wins at one position.
struct Token {
  Kind kind = Kind::kUnknown;
  std::size_t scanned = 0;  ///< where the characters looked at end
  std::size_t end = 0;      ///< where the token itself ends

  /// Another candidate: a token that ends at `token_end`, known by the characters up to `scanned_end`.
  void offer(Kind k, std::size_t token_end, std::size_t scanned_end) {
    if (scanned_end > scanned || (scanned_end == scanned && k < kind)) *this = {k, scanned_end, token_end};
  }
  void offer(Kind k, std::size_t token_end) { offer(k, token_end, token_end); }
};

/// No token of one kind begins before `end`. Some kinds need a long lookahead. Remembering a failed one keeps
/// the time for a text without blanks proportional to its length.
struct DeadEnd {
  std::size_t end = 0;
};

/// Failed lookaheads of one pass through a text.
struct DeadEnds {
  DeadEnd markup, url, www, email, file_name, hyphenated;
};

// Candidates for the token at `at`, by subject.
void offer_words(const Text& text, std::size_t at, DeadEnds& dead, Token& best);
void offer_apostrophe_words(const Text& text, std::size_t at, Token& best);
void offer_hyphenated(const Text& text, std::size_t at, DeadEnds& dead, Token& best);
void offer_numbers(const Text& text, std::size_t at, Token& best);
void offer_abbreviations(const Text& text, std::size_t at, DeadEnds& dead, Token& best);
void offer_addresses(const Text& text, std::size_t at, DeadEnds& dead, Token& best);
void offer_markup(const Text& text, std::size_t at, DeadEnds& dead, Token& best);
void offer_signs(const Text& text, std::size_t at, Token& best);

// Lengths of parts that several kinds share; 0 where the part is not at `at`.

/// An apostrophe: ' or the typographic one, also as an entity.
std::size_t apostrophe_length(const Text& text, std::size_t at);
/// The same, or a character that is often put in its place.
std::size_t any_apostrophe_length(const Text& text, std::size_t at);
/// A letter or mark of a word, or an entity such as &eacute;
std::size_t word_letter_length(const Text& text, std::size_t at);
/// <p>, </p>, <!-- x -->, <img src='x' />
std::size_t markup_length(const Text& text, std::size_t at, DeadEnd& dead);

}  // namespace plainsight::ptb
