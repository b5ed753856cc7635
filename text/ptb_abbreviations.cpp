// Abbreviations, which keep their dot.

#include "text/ptb_lexer.h"

namespace plainsight::ptb {
namespace {

// Lists of words, in any case; a capital matches a capital only, a letter after _ a small one only.

// Titles, and others that a name follows.
constexpr std::string_view kTitles =
    "mr mrs ms Miss dr drs prof profs sen sens rep reps atty attys lt col gen messrs gov govs adm rev maj "
    "sgt "
    "cpl pvt capt st ste ave pres lieut hon brig cmdr comdr pfc spc supt supts det mt ft adj adv asst assoc "
    "ens insp mlle mme msgr sfc vs alex wm jos cie cf treas ph invt elec natl m_fg m_tg dept";

constexpr std::string_view kOthers =
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri "
    "ala ariz Az Ark calif colo conn ct dak Del fla ga Ill ind kan kans ky La Mass md mich minn Miss mo mont "
    "neb nev okla Ore Pa penn tenn Tex va vt Wash wis wisc wyo "
    "inc co cos corp pt_y pt_e pt_ys pt_es ppt_y ppt_e ppt_ys ppt_es ltd plc rt bancorp bhd assn univ intl "
    "sys tel est ext sq jr sr bros ed.d ph.d blvd rd esq etc al seq bldg";

constexpr std::string_view kBeforeNumbers = "ca fig figs prop no nos art bldg pp op";

// Words that begin a sentence. A letter with a dot before one of them ends a sentence: "plan B. The".
constexpr std::string_view kSentenceStarts =
    "About According Additionally After An A As At But Earlier He Her Here However If In It Last Many More "
    "Mr. Ms. Now Once One Other Our She Since So Some Such That The Their Then There These They This We When "
    "While What Yet You";

// Whether text[at, end) is `word`, written as above.
bool is_word(const Text& text, std::size_t at, std::size_t end, std::string_view word) {
  for (std::size_t i = 0; i < word.size(); ++i, ++at) {
    if (at >= end) return false;
    const bool small_only = word[i] == '_';
    if (small_only) ++i;
    const auto c = static_cast<char16_t>(word[i]);
    const bool as_written = small_only || is_ascii_upper(c);
    if ((as_written ? text[at] : folded(text[at])) != c) return false;
  }
  return at == end;
}

bool is_listed(const Text& text, std::size_t at, std::size_t end, std::string_view list) {
  for (std::size_t begin = 0, blank = 0; blank < list.size(); begin = blank + 1) {
    blank = std::min(list.find(' ', begin), list.size());
    if (is_word(text, at, end, list.substr(begin, blank - begin))) return true;
  }
  return false;
}

// Blanks, a word that begins a sentence or markup, and a blank; 0 where they are not at `at`.
std::size_t sentence_start_end(const Text& text, std::size_t at, DeadEnd& dead) {
  const std::size_t begin = text.run(at, is_space);
  if (begin == at) return 0;
  const std::size_t markup = markup_length(text, begin, dead);
  const std::size_t letters = text.run(
      begin, [](char16_t c) { return folded(c) >= u'a' && folded(c) <= u'z'; }, 16);
  for (const std::size_t end : {letters, letters + 1, begin + markup})
    if (end > begin && is_space(text[end]) &&
        (end == begin + markup || is_listed(text, begin, end, kSentenceStarts)))
      return end + 1;
  return 0;
}

// Initials joined by a hyphen, which have a dot less: non-U.S
std::size_t joined_initials_end(const Text& text, std::size_t at) {
  for (const std::string_view first : {"canada-", "sino-", "korean-", "eu-", "japan-", "non-"})
    if (text.has(at, first) && text.has(at + first.size(), "u.s")) return at + first.size() + 3;
  for (const std::string_view whole : {"u.s.-u.s.s.r", "u.s.-u.k"})
    if (text.has(at, whole)) return at + whole.size();
  return at;
}

}  // namespace

void offer_abbreviations(const Text& text, std::size_t at, DeadEnds& dead, Token& best) {
  const auto is_cased = [](char16_t c) { return is_one_of(folded(c), u"abcdefghijklmnopqrstuvwxyz"); };
  std::size_t end = text.run(at, is_cased, 8);
  if (end == at) return;
  if (text.has(at, "ed.d.") || text.has(at, "ph.d.")) end = at + 4;
  if (text[end] == u'.') {
    const std::size_t dot = end + 1;
    if (is_listed(text, at, end, kTitles)) best.offer(Kind::kAbbreviation, dot);
    // Two more characters count as scanned.
    if (is_listed(text, at, end, kOthers)) best.offer(Kind::kAbbreviation, dot, dot + 2);
    if (is_listed(text, at, end, kBeforeNumbers)) {
      const std::size_t digit = dot + (is_space(text[dot]) ? 1 : 0);
      if (is_digit(text[digit])) best.offer(Kind::kAbbreviation, dot, digit + 1);
    }
    // Co. Ltd.
    const bool company =
        text.has(at, "co.") || (text.has(at, "pt") && is_one_of(text[at + 2], u"eyEY") && end == at + 3);
    if (company && is_blank(text[dot]) && (text.has(dot + 1, "ltd") || text.has(dot + 1, "lim")))
      best.offer(Kind::kAbbreviation, dot, dot + 4);
  }
  if (is_ascii_letter(text[at])) {
    std::size_t initials = at + 1;
    while (text[initials] == u'.' && is_ascii_letter(text[initials + 1])) initials += 2;
    if (text[initials] == u'.') best.offer(Kind::kAbbreviation, initials + 1);
    if (initials == at + 1 && text[initials] == u'.')
      if (const std::size_t start = sentence_start_end(text, initials + 1, dead.markup))
        best.offer(Kind::kInitial, initials, start);
  }
  if (const std::size_t joined = joined_initials_end(text, at); joined > at) {
    if (text[joined] == u'.') best.offer(Kind::kAbbreviation, joined + 1);
    if (is_space(text[joined])) best.offer(Kind::kAbbreviation, joined, joined + 1);
  }
}

}  // namespace plainsight::ptb
