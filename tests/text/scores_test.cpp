#include "text/scores.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/base/error.h"
#include "text/cider.h"
#include "text/rouge.h"

using namespace plainsight;
using Texts = std::vector<std::string>;
using doctest::Approx;

namespace {

// Expected values: pycocoevalcap on these strings.
const References kReferences = {
    {"a dog runs on the grass", "the brown dog is running in a field", "a dog running"},
    {"two children play with a red ball", "kids playing ball", "two boys are playing with a ball outside"},
    {"a man rides a bike", "a man on a bicycle rides down the street"},
    {"a woman in a blue shirt is smiling", "woman smiling"}};
const Texts kHypotheses = {"a brown dog runs in the grass", "two kids play with a ball", "a man",
                           "grass grass grass"};

void check_near(double value, double expected, double relative = 1e-10) {
  CHECK(value == Approx(expected).epsilon(relative));
}

}  // namespace

TEST_CASE("corpus scores are pycocoevalcap's") {
  const Scores s = score(kHypotheses, kReferences).corpus();
  check_near(s.bleu[0], 0.745699430596);
  check_near(s.bleu[1], 0.57761629519);
  check_near(s.bleu[2], 0.390857073072);
  check_near(s.bleu[3], 5.25624059413e-05);
  check_near(s.rouge_l, 0.517298100291);
  check_near(s.cider, 1.43680150465);
}

TEST_CASE("scores of single images are pycocoevalcap's") {
  const double expected[4][4] = {{1, .707107, 4.64159e-06, 1.25743e-08},
                                 {.846482, .655682, .566663, 8.46482e-05},
                                 {.22313, .22313, .0022313, .00022313},
                                 {3.33333e-16, 4.08248e-16, 5.50321e-16, 1.13622e-13}};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto b = bleu({kHypotheses[i]}, {kReferences[i]});
    for (std::size_t n = 0; n < 4; ++n) CHECK(b[n] / expected[i][n] == Approx(1).epsilon(5e-6));
  }
  const auto r = rouge_l(kHypotheses, kReferences);
  check_near(r[0], 0.780051150895);
  check_near(r[1], 0.758706467662);
  check_near(r[2], 0.530434782609);
  CHECK(r[3] == 0);
  const auto c = cider(kHypotheses, kReferences);
  check_near(c[0], 1.77414898897);
  check_near(c[1], 2.29096055216);
  check_near(c[2], 1.68209647747);
  CHECK(c[3] == 0);
}

TEST_CASE("the definitions' edges") {
  for (const double b : bleu({""}, {{"a b"}})) CHECK(b == 0);
  CHECK(rouge_l({""}, {{"a b"}}) == std::vector<double>{0});
  CHECK(rouge_l({""}, {{""}}) == std::vector<double>{1});
  CHECK(cider({"a dog runs"}, {{"a dog runs"}}) == std::vector<double>{0});  // one image: every weight is 0
  check_near(score({"a dog", ""}, {{"a dog"}, {"a cat"}}).corpus().cider, 2.5);
  check_near(
      score({"a dog runs fast", "cat"}, {{"a dog runs fast"}, {"the cat sits here now"}}).corpus().cider,
      5.447625816262155);
  // Of two references equally far in length the shorter counts: no brevity penalty here.
  check_near(bleu({"a b c"}, {{"a b c d", "a b"}})[0], 1, 1e-8);
  // A repeated word counts as often as in the reference that has most of it, not as in all together.
  check_near(bleu({"a a"}, {{"a b", "a c"}})[0], 0.5, 1e-8);
  // Precision 3/4 from the first reference, recall 1 from the second.
  check_near(rouge_l({"a b c d"}, {{"a b c x x x x x", "a"}})[0], (1 + 1.44) * .75 / (1 + 1.44 * .75));
  // Two images: a word of one of them weighs ln 2. The vectors are (2,0) and (1,1), and the first is clipped
  // to (1,0): 1 / (2 √2), of one order in four, times 10.
  check_near(cider({"a a", "c d"}, {{"a b"}, {"c d"}})[0], 10.0 / 4 / (2 * std::sqrt(2.0)));
  CHECK(score({}, {}).corpus().rouge_l == 0);
  CHECK_THROWS_AS(score({"a"}, {}), ContractError);
  CHECK_THROWS_AS(score({"a"}, {{}}), ContractError);
}
