#include "text/americanize.h"

#include <algorithm>
#include <iterator>

namespace plainsight {
namespace {

struct Spelling {
  std::string_view british, american;
};

// Stems whose listed endings all change in the same place.
struct Family {
  std::string_view british, american;
  std::string_view endings[6];
};

constexpr Spelling kWords[] = {{"anaesthetic", "anesthetic"},
                               {"analogue", "analog"},
                               {"analogues", "analogs"},
                               {"armoured", "armored"},
                               {"cancelled", "canceled"},
                               {"cancelling", "canceling"},
                               {"centre", "center"},
                               {"chimaeric", "chimeric"},
                               {"colourful", "colorful"},
                               {"defence", "defense"},
                               {"Defence", "Defense"},
                               {"encyclopaedia", "encyclopedia"},
                               {"favourite", "favorite"},
                               {"favourites", "favorites"},
                               {"fibre", "fiber"},
                               {"fibres", "fibers"},
                               {"grey", "gray"},
                               {"homologue", "homolog"},
                               {"homologues", "homologs"},
                               {"honourable", "honorable"},
                               {"kerb", "curb"},
                               {"labelled", "labeled"},
                               {"labelling", "labeling"},
                               {"Labour", "Labor"},
                               {"leant", "leaned"},
                               {"learnt", "learned"},
                               {"manoeuvre", "maneuver"},
                               {"manoeuvres", "maneuvers"},
                               {"meagre", "meager"},
                               {"neighbourhood", "neighborhood"},
                               {"neighbourhoods", "neighborhoods"},
                               {"oestrogen", "estrogen"},
                               {"oestrogens", "estrogens"},
                               {"practise", "practice"},
                               {"practised", "practiced"},
                               {"theatre", "theater"},
                               {"theatres", "theaters"},
                               {"titre", "titer"},
                               {"titres", "titers"},
                               {"travelled", "traveled"},
                               {"travelling", "traveling"}};

constexpr Family kFamilies[] = {{"analys", "analyz", {"e", "ed", "ing"}},
                                {"capitalis", "capitaliz", {"e", "ed", "ation"}},
                                {"finalis", "finaliz", {"e", "ed", "ing"}},
                                {"localis", "localiz", {"e", "ed"}},
                                {"maximis", "maximiz", {"e", "ed", "ing"}},
                                {"minimis", "minimiz", {"e", "ed", "ing"}},
                                {"modernis", "moderniz", {"e", "ed", "ing"}},
                                {"organis", "organiz", {"ation", "ations"}},
                                {"penalis", "penaliz", {"e", "ed"}},
                                {"popularis", "populariz", {"e", "ed", "es", "ing"}},
                                {"pressuris", "pressuriz", {"e", "ed", "es", "ing"}},
                                {"realis", "realiz", {"e", "ed", "es", "ing"}},
                                {"recognis", "recogniz", {"e", "ed", "es", "ing"}},
                                {"colour", "color", {"ed", "ing"}},
                                {"discolour", "discolor", {"ed", "ing"}},
                                {"endeavour", "endeavor", {"ed", "ing"}},
                                {"favour", "favor", {"ed", "ing"}},
                                {"flavour", "flavor", {"ed", "ing"}},
                                {"honour", "honor", {"ed", "ing"}},
                                {"humour", "humor", {"ed", "ing"}},
                                {"labour", "labor", {"ed", "ing"}},
                                {"rumour", "rumor", {"ed", "ing"}},
                                {"savour", "savor", {"ed", "ing"}}};

// Words in -our that stay, wherever they occur in the word.
constexpr std::string_view kExceptions[] = {
    "abatjour", "beflour",  "bonjour",  "calambour", "carrefour",  "cornflour", "contour",
    "detour",   "devour",   "dortour",  "dyvour",    "downpour",   "giaour",    "glamour",
    "holour",   "inpour",   "outpour",  "pandour",   "paramour",   "pompadour", "recontour",
    "repour",   "ryeflour", "sompnour", "tambour",   "troubadour", "tregetour", "velour"};

constexpr std::size_t kShortestPattern = 6;

std::string replace_end(std::string_view word, std::size_t drop, std::string_view end) {
  return std::string(word.substr(0, word.size() - drop)).append(end);
}

bool is_lower(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string by_pattern(std::string_view word) {
  if (word.ends_with("programme")) return replace_end(word, 9, "program");
  if (word.ends_with("programmes")) return replace_end(word, 10, "programs");
  const bool plural = word.ends_with("ours");
  if (!plural && !word.ends_with("our")) return std::string(word);
  const std::size_t stem = word.size() - (plural ? 4 : 3);
  const auto occurs = [&](std::string_view exception) {
    return word.find(exception) != std::string_view::npos;
  };
  if (stem < 3 || !is_lower(word.substr(0, stem)) ||
      std::any_of(std::begin(kExceptions), std::end(kExceptions), occurs))
    return std::string(word);
  return replace_end(word, plural ? 4 : 3, plural ? "ors" : "or");
}

}  // namespace

std::string americanize(std::string_view word) {
  for (const Spelling& s : kWords)
    if (word == s.british) return std::string(s.american);
  for (const Family& f : kFamilies)
    if (word.starts_with(f.british))
      for (const std::string_view ending : f.endings)
        if (!ending.empty() && word.substr(f.british.size()) == ending)
          return std::string(f.american).append(ending);
  return word.size() < kShortestPattern ? std::string(word) : by_pattern(word);
}

}  // namespace plainsight
