#include "text/clean.h"

#include <doctest/doctest.h>

using namespace plainsight;

TEST_CASE("cleaning is the notebook's") {
  CHECK(clean_caption("A child in a pink dress is climbing up a set of stairs in an entry way .") ==
        "child in pink dress is climbing up set of stairs in an entry way");
  CHECK(clean_caption("A dog's t-shirt, 3 DOGS & 2nd!") == "dog shirt dogs nd");
  CHECK(clean_caption("  caf\u00E9 na\u00EFve ") == "caf na ve");
  CHECK(clean_caption("\u212Aelvin \u0130stanbul a\u0130b") ==
        "kelvin stanbul ai");  // lower() makes k, and i with a dot
  CHECK(clean_caption(std::string("a\0bc\xFF\xE2\x84 de", 10)) == "bc de");
  CHECK(clean_caption("a . b") == "");
  CHECK(with_markers("") == "<SOS>  <EOS>");
  CHECK(with_markers("two dogs") == "<SOS> two dogs <EOS>");
  CHECK(words_with_markers("") == 2);
  CHECK(words_with_markers("two dogs") == 4);
}
