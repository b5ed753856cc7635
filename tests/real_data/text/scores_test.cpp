#include "text/scores.h"

#include <doctest/doctest.h>

#include <cmath>

#include "data/captions.h"
#include "tests/support/data.h"
#include "text/clean.h"
#include "text/ptb.h"

using namespace plainsight;

namespace {

// Scores of Flickr8k's first captions against the other four.
Scores first_against_others(std::string (*words)(std::string_view)) {
  std::vector<std::string> hypotheses;
  References references;
  for (const ImageCaptions& image : read_captions(test::data_dir() / "captions.txt", CaptionFormat::csv)) {
    hypotheses.push_back(words(image.captions.front()));
    references.emplace_back();
    for (std::size_t i = 1; i < image.captions.size(); ++i)
      references.back().push_back(words(image.captions[i]));
  }
  return score(hypotheses, references).corpus();
}

void check_scores(const Scores& scores, std::array<double, 4> bleu, double rouge_l, double cider) {
  for (std::size_t n = 0; n < 4; ++n) CHECK(std::abs(scores.bleu[n] - bleu[n]) < 1e-12);
  CHECK(std::abs(scores.rouge_l - rouge_l) < 1e-12);
  CHECK(std::abs(scores.cider - cider) < 1e-12);
}

}  // namespace

// Expected values: flickr8k_ptb and flickr8k_notebook in tests/golden/scores.json, by pycocoevalcap.
TEST_CASE("scores of 8,091 images are pycocoevalcap's, with both kinds of words") {
  check_scores(first_against_others(ptb_tokenize),
               {0.6352204748004946, 0.44761215320674724, 0.30957350424361463, 0.212160023058414},
               0.4944513492628518, 0.7699271897311618);
  check_scores(first_against_others(clean_caption),
               {0.5834493094957635, 0.38677423022651264, 0.2552873172983005, 0.1666299444283309},
               0.4418429779237892, 0.7420536910580484);
}
