#include "text/ptb.h"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/support/data.h"
#include "tests/support/text_golden.h"

using namespace plainsight;

TEST_CASE("captions are tokenised as the Penn Treebank does, punctuation dropped") {
  struct Case {
    const char *caption, *tokens;
  };
  const Case cases[] = {
      {"A child in a pink dress .", "a child in a pink dress"},
      {"It's raining; they don't stop!", "it 's raining they do n't stop"},
      {"A dog 's toy and two dogs' toys", "a dog 's toy and two dogs toys"},
      {"A grey dog in the centre", "a grey dog in the centre"},
      {"AT&T & at&t", "at&t & at & t"},
      {"A bird's-eye-view of his/her t-shirt", "a bird 's eye-view of his/her t-shirt"},
      {"A dog (brown) [small]", "a dog -lrb- brown -rrb- -lsb- small -rsb-"},
      {"A caption\nof two lines", "a caption of two lines"},
      {"...", ""},
      {"", ""},
  };
  for (const Case& c : cases) CHECK(ptb_tokenize(c.caption) == c.tokens);
  CHECK(ptb_tokenize("a\xFF\x01"
                     "b") == "a b");
}

TEST_CASE("words of the torture file are those of CoreNLP 3.4.1") {
  const auto lines = test::read_lines(test::golden("ptb_torture.tsv"));
  REQUIRE(lines.size() == 1550);
  for (const std::string& line : lines) {
    const auto fields = test::split(line, '\t');
    REQUIRE(fields.size() == 2);
    CAPTURE(line);
    CHECK(ptb_tokenize(test::unescape(fields[0])) == test::unescape(fields[1]));
  }
}

// Each text leads a rule far ahead in vain; walked through again from each of its words, it would take hours.
TEST_CASE("a long text without blanks takes time in proportion to its length") {
  const auto start = std::chrono::steady_clock::now();
  const auto repeated = [](const char* part) {
    std::string text;
    for (int i = 0; i < 200'000; ++i) text += part;
    return text;
  };
  CHECK(ptb_tokenize(repeated("a,")).size() == 399'999);  // a a a ...
  CHECK(ptb_tokenize(repeated("\u2019")) == "");
  CHECK(ptb_tokenize(repeated("a,") + "a-b") == repeated("a,") + "a-b");
  for (const char* part : {"1a.b", "a.1.", "<!a", "www.1", "www.a.bb/", "a@,", "a.b;", "&lt;a;", "<a b='",
                           "http://.", "l'", "-a"})
    CHECK(!ptb_tokenize(repeated(part)).empty());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}
