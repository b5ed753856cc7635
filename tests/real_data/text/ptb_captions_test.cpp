#include <doctest/doctest.h>

#include "data/captions.h"
#include "tests/support/data.h"
#include "tests/support/text_golden.h"
#include "text/ptb.h"

using namespace plainsight;

TEST_CASE("words of all captions of Flickr8k are those of CoreNLP 3.4.1") {
  std::vector<std::string> captions;
  for (const ImageCaptions& image : read_captions(test::data_dir() / "captions.txt", CaptionFormat::csv))
    captions.insert(captions.end(), image.captions.begin(), image.captions.end());
  REQUIRE(captions.size() == 40'455);
  const auto expected = test::read_lines(test::golden("ptb_captions.txt"));
  REQUIRE(expected.size() == 41);
  for (std::size_t first = 0; first < captions.size(); first += 1000) {
    std::string block;
    for (std::size_t i = first; i < std::min(first + 1000, captions.size()); ++i)
      block += ptb_tokenize(captions[i]) + "\n";
    CHECK(std::to_string(first) + " " + test::fnv1a(block) == expected[first / 1000]);
  }
}
