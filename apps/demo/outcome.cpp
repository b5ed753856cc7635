#include "apps/demo/outcome.h"

#include <cstdio>

#include "data/captions.h"
#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "text/clean.h"
#include "text/scores.h"

namespace plainsight::demo {
namespace {

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f %%", 100 * share);
  return text;
}

/// A score in percent, as `evaluate` prints it.
std::string score(double bleu) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", 100 * bleu);
  return text;
}

std::string score_table(const Outcome& own, const Outcome& exchanged) {
  std::string html =
      "<table><tr><th></th><th>its own features</th><th>another image's features</th></tr>\n"
      "<tr><th>BLEU-4</th><td>" +
      score(own.bleu4) + "</td><td>" + score(exchanged.bleu4) + "</td></tr>\n";
  for (std::size_t a = 0; a < kAttributes; ++a)
    html += std::string("<tr><th>") + name_of(static_cast<Attribute>(a)) + " named rightly</th><td>" +
            percent(own.rightly[a]) + "</td><td>" + percent(exchanged.rightly[a]) + "</td></tr>\n";
  return html + "</table>\n";
}

constexpr const char* kPageStart = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Plainsight: unseen scenes</title><style>
body { font: 16px/1.45 sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em }
table { border-collapse: collapse; margin: 1.5em 0 }
th, td { padding: .3em 1em; text-align: left; border-bottom: 1px solid #ccc }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(14em, 1fr)); gap: 1.2em }
figure { margin: 0 } img { width: 100%; display: block } b { color: #b00020 }
</style></head><body>
<h1>Scenes that training has not shown, and their captions</h1>
<p>The image network has random weights: nothing was learned from photographs. What the captions say, the
captioner found in those random features. The right column of the table is the same captioner, given the
features of another image: what can be scored without looking.</p>
)";

// The caption; attributes that it does not name rightly follow in bold.
std::string figure(const std::string& file, const Scene& scene, const std::string& caption) {
  std::string missed;
  for (int a = 0; a < kAttributes; ++a) {
    const auto attribute = static_cast<Attribute>(a);
    if (!names_rightly(caption, scene, attribute))
      missed += std::string(missed.empty() ? "" : ", ") + name_of(attribute) + ": " +
                phrases(attribute, scene.value[attribute])[0];
  }
  return "<figure><img src=\"Images/" + file + "\" alt=\"\"><figcaption>" + caption +
         (missed.empty() ? "" : " <b>(" + missed + ")</b>") + "</figcaption></figure>\n";
}

}  // namespace

Outcome judge(const ImageSet& set, std::vector<std::string> captions) {
  const std::size_t first = set.train + set.val;
  require(captions.size() == set.scenes.size() - first, "judge: one caption for each unseen scene");
  const std::vector<ImageCaptions> all = read_captions(set.captions, CaptionFormat::csv);
  std::vector<std::vector<std::string>> references;
  for (std::size_t i = first; i < set.scenes.size(); ++i) {
    references.emplace_back();
    for (const std::string& sentence : all[i].captions) references.back().push_back(clean_caption(sentence));
  }
  Outcome outcome;
  outcome.bleu4 = bleu(captions, references)[3];
  for (std::size_t a = 0; a < kAttributes; ++a) {
    for (std::size_t i = 0; i < captions.size(); ++i)
      outcome.rightly[a] += names_rightly(captions[i], set.scenes[first + i], static_cast<Attribute>(a));
    outcome.rightly[a] /= static_cast<double>(captions.size());
  }
  outcome.captions = std::move(captions);
  return outcome;
}

void write_report(const std::filesystem::path& page, const ImageSet& set, const Outcome& own,
                  const Outcome& exchanged) {
  std::string html = kPageStart + score_table(own, exchanged) + "<main>\n";
  const std::size_t first = set.train + set.val;
  for (std::size_t i = 0; i < own.captions.size(); ++i)
    html += figure(set.files[first + i], set.scenes[first + i], own.captions[i]);
  write_file(page, html + "</main>\n</body></html>\n");
}

}  // namespace plainsight::demo
