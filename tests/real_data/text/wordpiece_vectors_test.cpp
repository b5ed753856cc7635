#include <doctest/doctest.h>

#include "tests/support/data.h"
#include "tests/text/vocabulary.h"

using namespace plainsight;
using Ids = std::vector<std::int32_t>;

// Ids and texts that transformers' AutoTokenizer("bert-base-uncased") gives.
TEST_CASE("BERT's tokenizer on strings chosen for their traps") {
  const WordPiece w(test::data_dir() / "bert-base-uncased-vocab.txt");
  CHECK(w.size() == 30524);
  CHECK(w.sos() == 30522);
  CHECK(w.eos() == 30523);
  CHECK(w.pad() == 0);
  CHECK(w.unk() == 100);
  struct Vector {
    const char* text;
    Ids ids;
    const char* decoded;  // nullptr: not stated
  };
  const Vector vectors[] = {
      {"<SOS> A child in a pink dress is climbing up a set of stairs in an entry way . <EOS>",
       {30522, 1037, 2775, 1999, 1037, 5061, 4377, 2003, 8218, 2039,
        1037,  2275, 1997, 5108, 1999, 2019, 4443, 2126, 1012, 30523},
       "a child in a pink dress is climbing up a set of stairs in an entry way."},
      {"A dog's t-shirt, don't (really)!",
       {1037, 3899, 1005, 1055, 1056, 1011, 3797, 1010, 2123, 1005, 1056, 1006, 2428, 1007, 999},
       "a dog's t - shirt, don't ( really )!"},
      {"café NAÏVE Ünïcödé", {7668, 15743, 27260}, "cafe naive unicode"},
      {"<sos> x <SOS>dog<EOS>", {1026, 2061, 2015, 1028, 1060, 30522, 3899, 30523}, "< sos > x dog"},
      {"two dogs are playing...wow",
       {2048, 6077, 2024, 2652, 1012, 1012, 1012, 10166},
       "two dogs are playing... wow"},
      {"你好 dog", {100, 100, 3899}, nullptr},
      {"tab\tnew\nline\u00A0nbsp\u3000ideo", {21628, 2047, 2240, 1050, 5910, 2361, 8909, 8780}, nullptr},
      {"€5 ~ 50% x^2 `q` |",
       {1574, 2629, 1066, 2753, 1003, 1060, 1034, 1016, 1036, 1053, 1036, 1064},
       nullptr},
      {"İstanbul ΟΔΟΣ straße ﬁx", {9960, 1169, 29722, 29730, 29733, 2358, 27807, 1984, 2595}, nullptr},
      {"😀 smiling", {100, 5629}, nullptr},
      {"", {}, ""},
      {"   ", {}, ""},
      {"[CLS] [mask] [MASK]", {101, 1031, 7308, 1033, 103}, nullptr},
      {"\U0002B820 \U0002B920 \u3007", {100, 100, 100}, nullptr},
      {"e\u0301 \u0345 a\u20DD", {1041, 100}, nullptr},
      {"word\u2028sep\u2029para", {2773, 19802, 11498}, nullptr},
      {"rock 'n' roll it's they're we've i'm",
       {2600, 1005, 1050, 1005, 4897, 2009, 1005, 1055, 2027, 1005, 2128, 2057, 1005, 2310, 1045, 1005, 1049},
       "rock'n'roll it's they're we've i'm"},
  };
  for (const Vector& v : vectors) {
    CAPTURE(std::string(v.text));
    CAPTURE(w.decode(test::encode(w, v.text), false));
    CHECK(test::encode(w, v.text) == v.ids);
    if (v.decoded != nullptr) CHECK(w.decode(v.ids) == v.decoded);
  }
  CHECK(test::encode(w, std::string("a\u00ADb\u200Dc\0d\uFFFDe", 14)) == Ids{5925, 3207});
  Ids long_words = test::encode(w, std::string(100, 'a') + " " + std::string(101, 'a'));
  REQUIRE(long_words.size() == 51);
  CHECK(long_words[0] == 13360);
  CHECK(long_words[1] == 11057);
  CHECK(long_words[49] == 2050);
  CHECK(long_words[50] == 100);
}
