#include "text/bert_character_versions.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

namespace plainsight {
namespace {

struct CodeRange {
  char32_t first, last;
  VersionRule rule;
};

// Sorted. Ranges run on across code points that are ordinary letters in every edition.
constexpr auto kNone = VersionRule::kNone, kWord = VersionRule::kWord, kMark = VersionRule::kMark,
               kPunctuation = VersionRule::kPunctuation, kDrop = VersionRule::kDrop;
constexpr CodeRange kRanges[] = {
    {0x61D, 0x61D, kWord},
    {0x7FD, 0x7FD, kWord},
    {0x890, 0x8D3, kWord},
    {0x8D4, 0x8E1, kMark},
    {0x8E2, 0x8E2, kWord},
    {0x9FD, 0x9FE, kWord},
    {0xA76, 0xA76, kWord},
    {0xAFA, 0xAFF, kWord},
    {0xB55, 0xB55, kWord},
    {0xC04, 0xC3C, kWord},
    {0xC77, 0xC77, kWord},
    {0xC84, 0xC84, kWord},
    {0xD00, 0xD00, kWord},
    {0xD3B, 0xD3C, kWord},
    {0xD81, 0xD81, kWord},
    {0xEBA, 0xEBA, kWord},
    {0xECE, 0xECE, kWord},
    {0x166D, 0x166D, kPunctuation},
    {0x1715, 0x1715, kWord},
    {0x1734, 0x1734, kDrop},
    {0x180F, 0x1886, kWord},
    {0x1ABF, 0x1ACE, kWord},
    {0x1B7D, 0x1B7E, kWord},
    {0x1DF6, 0x1DFA, kWord},
    {0x1DFB, 0x1DFB, kMark},
    {0x2E43, 0x2E5D, kWord},
    {0xA82C, 0xA82C, kWord},
    {0xA8C5, 0xA8C5, kWord},
    {0xA8FF, 0xA8FF, kWord},
    {0xA9BD, 0xA9BD, kWord},
    {0x10D24, 0x10D27, kWord},
    {0x10EAB, 0x10F89, kWord},
    {0x11070, 0x11074, kWord},
    {0x110C2, 0x110CD, kWord},
    {0x111C9, 0x111C9, kPunctuation},
    {0x111CF, 0x111CF, kWord},
    {0x1123E, 0x11241, kWord},
    {0x1133B, 0x1133B, kWord},
    {0x11438, 0x1143F, kWord},
    {0x11442, 0x11442, kMark},
    {0x11443, 0x11444, kWord},
    {0x11446, 0x11446, kMark},
    {0x1144B, 0x1145E, kWord},
    {0x11660, 0x1166C, kWord},
    {0x116B9, 0x116B9, kWord},
    {0x1182F, 0x1183B, kWord},
    {0x11938, 0x11C3D, kWord},
    {0x11C3F, 0x11C3F, kMark},
    {0x11C41, 0x11FFF, kWord},
    {0x12FF1, 0x13455, kWord},
    {0x16E97, 0x16E9A, kWord},
    {0x16F4F, 0x16F4F, kWord},
    {0x16FE2, 0x16FF1, kWord},
    {0x1CF00, 0x1CF46, kWord},
    {0x1E000, 0x1E006, kMark},
    {0x1E008, 0x1E018, kMark},
    {0x1E01B, 0x1E021, kMark},
    {0x1E023, 0x1E024, kMark},
    {0x1E026, 0x1E02A, kMark},
    {0x1E08F, 0x1E4EF, kWord},
    {0x1E944, 0x1E94A, kMark},
    {0x1E95E, 0x1E95F, kWord},
};

struct Lower {
  char32_t first, last;
  std::int32_t delta;
};

// Capital letters of Unicode 16 and 17.
constexpr Lower kLower[] = {
    {0x1C89, 0x1C89, 1},      {0xA7CB, 0xA7CB, 0x264 - 0xA7CB},
    {0xA7CC, 0xA7CC, 1},      {0xA7CE, 0xA7CE, 1},
    {0xA7D2, 0xA7D2, 1},      {0xA7D4, 0xA7D4, 1},
    {0xA7DA, 0xA7DA, 1},      {0xA7DC, 0xA7DC, 0x19B - 0xA7DC},
    {0x10D50, 0x10D65, 0x20}, {0x16EA0, 0x16EB8, 0x1B},
};

}  // namespace

VersionRule version_rule(char32_t c) {
  const CodeRange* const r = std::partition_point(std::begin(kRanges), std::end(kRanges),
                                                  [c](const CodeRange& range) { return range.last < c; });
  return r != std::end(kRanges) && c >= r->first ? r->rule : kNone;
}

char32_t bert_lower(char32_t c) {
  for (const Lower& l : kLower)
    if (c >= l.first && c <= l.last) return static_cast<char32_t>(static_cast<std::int32_t>(c) + l.delta);
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

}  // namespace plainsight
