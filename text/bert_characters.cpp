#include "text/bert_characters.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <memory>

#include "text/bert_character_versions.h"
#include "text/utf8.h"

namespace plainsight {
namespace {

using Page = std::array<CharacterRule, 256>;
constexpr std::size_t kPages = 0x110000 / 256;

int category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

// White_Space without the characters that are dropped before as controls (U+000B, U+000C, U+001C.., U+0085).
bool is_space(char32_t c) {
  const int k = category(c);
  return c == '\t' || c == '\n' || c == '\r' || k == UTF8PROC_CATEGORY_ZS || k == UTF8PROC_CATEGORY_ZL ||
         k == UTF8PROC_CATEGORY_ZP;
}

bool is_dropped(char32_t c) {
  if (c == '\t' || c == '\n' || c == '\r') return false;
  const int k = category(c);
  return c == kReplacement || k == UTF8PROC_CATEGORY_CC || k == UTF8PROC_CATEGORY_CF ||
         k == UTF8PROC_CATEGORY_CO;
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) return std::ispunct(static_cast<int>(c)) != 0;
  const int k = category(c);
  return k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_PO;
}

// The blocks that BERT isolates. The fifth begins at 2B920 in HF tokenizers (2B820 in the original).
bool is_ideograph(char32_t c) {
  constexpr char32_t blocks[][2] = {{0x4E00, 0x9FFF},   {0x3400, 0x4DBF},   {0x20000, 0x2A6DF},
                                    {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF},
                                    {0xF900, 0xFAFF},   {0x2F800, 0x2FA1F}};
  return std::any_of(std::begin(blocks), std::end(blocks), [c](auto& b) { return c >= b[0] && c <= b[1]; });
}

void append(CharacterRule& rule, char32_t c, bool starter) {
  char* const end = encode_utf8(bert_lower(c), rule.utf8 + rule.bytes);
  if (starter) rule.run_begin = static_cast<std::uint8_t>(end - rule.utf8);
  rule.bytes = static_cast<std::uint8_t>(end - rule.utf8);
  ++rule.code_points;
}

CharacterRule make_rule(char32_t c) {
  CharacterRule rule;
  if (c >= 0xD800 && c < 0xE000) return rule;
  const VersionRule version = version_rule(c);
  if (version == VersionRule::kNone && is_dropped(c)) return rule;
  if (is_space(c)) {
    rule.kind = CharacterRule::kSpace;
    return rule;
  }
  rule.kind = CharacterRule::kWord;
  if (version == VersionRule::kWord || version == VersionRule::kPunctuation) {
    append(rule, c, true);
    if (version == VersionRule::kPunctuation) rule.kind = CharacterRule::kPunctuation;
    return rule;
  }
  std::array<utf8proc_int32_t, 32> parts{};
  int boundary = 0;
  const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(), parts.size(),
                                             UTF8PROC_DECOMPOSE, &boundary);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const char32_t part = static_cast<char32_t>(parts[i]);
    const bool starter = utf8proc_get_property(parts[i])->combining_class == 0;
    const bool dropped = version != VersionRule::kMark &&
                         (category(part) == UTF8PROC_CATEGORY_MN || version == VersionRule::kDrop);
    if (!dropped)
      append(rule, part, starter);
    else if (starter)
      rule.run_begin = rule.bytes;
  }
  if (rule.bytes == 0)
    rule.kind = CharacterRule::kDrop;
  else if (is_ideograph(c) || is_punctuation(decode_utf8(rule.utf8, rule.utf8 + rule.bytes).value))
    rule.kind = CharacterRule::kPunctuation;
  return rule;
}

class Pages {
 public:
  ~Pages() {
    for (auto& page : pages_) delete page.load(std::memory_order_relaxed);
  }
  const Page& at(std::size_t index) {
    const Page* page = pages_[index].load(std::memory_order_acquire);
    return page != nullptr ? *page : build(index);
  }

 private:
  const Page& build(std::size_t index) {
    auto made = std::make_unique<Page>();
    for (std::size_t i = 0; i < 256; ++i) (*made)[i] = make_rule(static_cast<char32_t>(index * 256 + i));
    const Page* expected = nullptr;
    // Two threads may build the same page; the first one's stays.
    if (pages_[index].compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel))
      return *made.release();
    return *expected;
  }
  std::array<std::atomic<const Page*>, kPages> pages_{};
};

}  // namespace

const CharacterRule& character_rule(char32_t c) {
  static Pages pages;
  return pages.at(c >> 8)[c & 0xFF];
}

// Insertion sort: runs are short, and nothing is allocated.
void sort_combining(char* begin, char* end) {
  struct Mark {
    char32_t value;
    int order;
  };
  std::array<Mark, kMaxRun> marks;
  std::size_t count = 0;
  for (char* p = begin; p < end && count < marks.size(); ++count) {
    const DecodedCodePoint c = decode_utf8(p, end);
    const Mark mark{c.value, utf8proc_get_property(static_cast<utf8proc_int32_t>(c.value))->combining_class};
    std::size_t i = count;
    for (; i > 0 && marks[i - 1].order > mark.order; --i) marks[i] = marks[i - 1];
    marks[i] = mark;
    p += c.bytes;
  }
  for (std::size_t i = 0; i < count; ++i) begin = encode_utf8(marks[i].value, begin);
}

}  // namespace plainsight
