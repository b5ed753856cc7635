#include "text/ptb.h"

#include <doctest/doctest.h>

#include <chrono>

#include "text/americanize.h"

using namespace plainsight;

// Expected values: the documented behaviour of CoreNLP 3.4.1's PTBTokenizer; the program itself was not run.
TEST_CASE("captions are tokenised as the Penn Treebank does, punctuation dropped") {
  struct Case {
    const char *caption, *tokens;
  };
  const Case cases[] = {
      {"A child in a pink dress .", "a child in a pink dress"},
      {"It's raining; they don't, can't and won't stop!", "it 's raining they do n't ca n't and wo n't stop"},
      {"They're here, I'm not, we've left, she'll go, he'd say",
       "they 're here i 'm not we 've left she 'll go he 'd say"},
      {"A dog's toy and two dogs' toys", "a dog 's toy and two dogs toys"},
      {"He cannot go, gonna stay", "he can not go gon na stay"},
      {"\"Hello\" said 'the man'", "hello said the man"},
      {"A brown-haired girl in a t-shirt -- and a 20-year-old",
       "a brown-haired girl in a t-shirt and a 20-year-old"},
      {"Black-- white - gray", "black white gray"},
      {"Mr. Smith at 5 a.m. on St. John in the U.S.", "mr. smith at 5 a.m. on st. john in the u.s."},
      {"Number 1,000 and 3.5 at 10:30, 1/2 of $5, 50%", "number 1,000 and 3.5 at 10:30 1/2 of $ 5 50 %"},
      {"AT&T & his/her dog", "at&t & his\\/her dog"},
      {"Five o'clock, rock 'n' roll", "five o'clock rock 'n' roll"},
      {"A bird's-eye-view", "a bird 's eye-view"},
      {"A dog (brown) [small]", "a dog -lrb- brown -rrb- -lsb- small -rsb-"},
      {"Wow... playing...wow", "wow playing wow"},
      {"A grey dog in the centre of a colourful harbour", "a gray dog in the center of a colorful harbor"},
      {"Grey dogs on Monday", "grey dogs on monday"},
      {"Caf\u00C9 \u201Cx\u201D \u2014 it\u2019s", "caf\u00E9 x it 's"},
      {"...", ""},
      {"", ""},
  };
  for (const Case& c : cases) CHECK(ptb_tokenize(c.caption) == c.tokens);
  CHECK(ptb_tokenize("a\xFF\x01"
                     "b") == "a b");
}

TEST_CASE("British spelling becomes American") {
  for (const auto& [british, american] : {std::pair{"grey", "gray"},
                                          {"colour", "color"},
                                          {"colours", "colors"},
                                          {"coloured", "colored"},
                                          {"theatres", "theaters"},
                                          {"travelled", "traveled"},
                                          {"realises", "realizes"},
                                          {"programmes", "programs"},
                                          {"neighbours", "neighbors"},
                                          {"learnt", "learned"}})
    CHECK(americanize(british) == american);
  for (const char* same : {"Grey", "four", "hour", "tour", "flour", "contour", "detours", "glamour", "Colour",
                           "our", "greys", "analyses", ""})
    CHECK(americanize(same) == same);
}

TEST_CASE("a long text without blanks takes time in proportion to its length") {
  const auto start = std::chrono::steady_clock::now();
  std::string words, quotes;
  for (int i = 0; i < 500'000; ++i) words += "a,", quotes += "\u2019";
  const std::string tokens = ptb_tokenize(words);
  CHECK(tokens.size() == 999'999);  // a a a ...
  CHECK(ptb_tokenize(quotes) == "");
  CHECK(ptb_tokenize(words + "a-b") == words + "a-b");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
