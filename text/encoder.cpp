#include "text/encoder.h"

#include <bit>
#include <cctype>
#include <cstring>
#include <utility>

#include "text/bert_characters.h"
#include "text/utf8.h"

namespace plainsight {
namespace {

constexpr int kMaxCharacters = 100;  // a longer word is unknown

enum class Ascii : std::uint8_t { letter, space, punctuation, dropped };

constexpr std::array<Ascii, 256> kAscii = [] {
  std::array<Ascii, 256> table{};
  for (int c = 0; c < 128; ++c) {
    Ascii& kind = table[c];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
      kind = Ascii::space;
    else if (c < 0x20 || c == 0x7F)
      kind = Ascii::dropped;
    else if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
      kind = Ascii::punctuation;
  }
  return table;  // bytes from 0x80 on count as letters here: they belong to words
}();

constexpr std::uint64_t repeat(std::uint64_t byte) { return byte * 0x0101010101010101u; }

// For eight bytes at once: 0x80 in each byte that is not an ASCII letter or digit, 0 in the others.
// With seven bits per byte no addition carries into the next byte; x + (0x80 - a) has its high bit exactly
// for x >= a.
std::uint64_t not_alphanumeric(std::uint64_t bytes) {
  const std::uint64_t high = repeat(0x80), seven = bytes & ~high, lower = seven | repeat(0x20);
  const auto between = [&](std::uint64_t x, char first, char last) {
    return (x + repeat(static_cast<std::uint64_t>(0x80 - first))) &
           ~(x + repeat(static_cast<std::uint64_t>(0x7F - last)));
  };
  return (~(between(lower, 'a', 'z') | between(seven, '0', '9')) | bytes) & high;
}

std::uint64_t load(const char* p) {
  std::uint64_t value;
  std::memcpy(&value, p, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

// Eight bytes from p, zeros from `end` on, without reading outside [begin, end).
std::uint64_t load(const char* begin, const char* p, const char* end) {
  const std::ptrdiff_t n = end - p;
  if (n >= 8) return load(p);
  if (n <= 0) return 0;
  if (end - begin >= 8) return load(end - 8) >> (64 - 8 * n);
  std::uint64_t value = 0;
  for (std::ptrdiff_t i = n; i-- > 0;) value = value << 8 | static_cast<unsigned char>(p[i]);
  return value;
}

// The first n bytes of `value`, zeros after them; 0 <= n <= 8.
std::uint64_t first_bytes(std::uint64_t value, int n) {
  return n == 8 ? value : value & ((std::uint64_t{1} << (8 * n)) - 1);
}

}  // namespace

// A word in the making: what normalisation leaves of it, in a buffer that holds the longest word that counts.
class Encoder::Word {
 public:
  void append(const CharacterRule& rule) {
    if (rule.run_begin != CharacterRule::kNoStarter) run_ = end_ + rule.run_begin;
    if (rule.bytes == 0 || too_long()) return;  // unknown already: only its end matters
    characters_ += rule.code_points;
    if (too_long()) return;
    std::memcpy(end_, rule.utf8, sizeof rule.utf8);
    end_ += rule.bytes;
    if (run_ < end_ && rule.run_begin == CharacterRule::kNoStarter) sort_combining(run_, end_);
  }
  bool too_long() const { return characters_ > kMaxCharacters; }
  const char* begin() const { return bytes_; }
  const char* end() const { return end_; }

 private:
  char bytes_[4 * kMaxCharacters + sizeof CharacterRule::utf8];
  char* end_ = bytes_;
  char* run_ = bytes_;
  int characters_ = 0;
};

Encoder::Encoder(const Vocabulary& vocabulary, std::int32_t unk, std::vector<SpecialToken> special)
    : words_(vocabulary), trie_(vocabulary), special_(std::move(special)), unk_(unk) {
  for (std::size_t c = 0; c < punctuation_.size(); ++c) {
    const char character = static_cast<char>(c);
    const std::int32_t id = vocabulary.find({&character, 1});
    punctuation_[c] = id >= 0 ? id : unk_;
  }
}

std::int32_t* Encoder::encode(std::string_view text, std::int32_t* out) const {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  for (const char* p = begin; p < end;) {
    // Letters and digits up to the first other byte; zeros after the end count as other bytes.
    ShortWord word{load(begin, p, end), 0};
    std::uint64_t stop = not_alphanumeric(word.first);
    int length = std::countr_zero(stop) / 8;
    if (length < 8) {
      word.first = first_bytes(word.first | repeat(0x20), length);
    } else {
      word.first |= repeat(0x20);
      word.second = load(begin, p + 8, end);
      stop = not_alphanumeric(word.second);
      const int more = std::countr_zero(stop) / 8;
      word.second = first_bytes(word.second | repeat(0x20), more);
      length += more;
    }
    const auto next =
        p + length < end ? static_cast<unsigned char>(p[length]) : static_cast<unsigned char>(' ');
    if (next >= 0x80 || kAscii[next] == Ascii::dropped || length == 16) {
      const Step step = any_word(p, end, out);
      p = step.p, out = step.out;
      continue;
    }
    if (length > 0) {
      if (const std::int32_t id = words_.find(word); id >= 0) {
        *out++ = id;
      } else {
        char bytes[WordTable::kMaxWord];
        for (int i = 0; i < length; ++i) bytes[i] = static_cast<char>(p[i] | 0x20);
        out = split(bytes, bytes + length, out);
      }
      p += length;
    }
    if (p == end) break;
    if (kAscii[next] == Ascii::punctuation) {
      const Step step = special_or_punctuation(p, end, out);
      p = step.p, out = step.out;
    } else {
      ++p;  // the space
    }
  }
  return out;
}

Encoder::Step Encoder::special_or_punctuation(const char* p, const char* end, std::int32_t* out) const {
  if (*p == '<' || *p == '[')
    for (const SpecialToken& token : special_)
      if (std::string_view(p, end - p).starts_with(token.text)) {
        *out = token.id;
        return {p + token.text.size(), out + 1};
      }
  *out = punctuation_[static_cast<unsigned char>(*p)];
  return {p + 1, out + 1};
}

// The word at p by the general rules: any code points, any length. Ends before an ASCII space or mark, and
// after any other.
Encoder::Step Encoder::any_word(const char* p, const char* end, std::int32_t* out) const {
  Word word;
  const CharacterRule* last = nullptr;
  while (p < end) {
    const unsigned char byte = static_cast<unsigned char>(*p);
    if (byte < 0x80 && (kAscii[byte] == Ascii::space || kAscii[byte] == Ascii::punctuation)) break;
    const DecodedCodePoint c = decode_utf8(p, end);
    p += c.bytes;
    const CharacterRule& rule = character_rule(c.value);
    if (rule.kind == CharacterRule::kSpace) break;
    if (rule.kind == CharacterRule::kPunctuation) {
      last = &rule;
      break;
    }
    word.append(rule);
  }
  if (word.too_long())
    *out++ = unk_;
  else
    out = split(word.begin(), word.end(), out);
  if (last != nullptr) out = split(last->utf8, last->utf8 + last->bytes, out);
  return {p, out};
}

// Greedy longest match. If some position has no piece, the whole word is unknown.
std::int32_t* Encoder::split(const char* p, const char* end, std::int32_t* out) const {
  std::int32_t* next = out;
  for (const char* const begin = p; p < end;) {
    const PieceTrie::Match match = p == begin ? trie_.longest_at_start(p, end) : trie_.longest_inside(p, end);
    if (match.id < 0) {
      *out = unk_;
      return out + 1;
    }
    *next++ = match.id;
    p = match.end;
  }
  return next;
}

}  // namespace plainsight
