#include "data/captions.h"

#include <doctest/doctest.h>

#include <set>

#include "data/caption_rows.h"
#include "data/split.h"
#include "engine/base/error.h"
#include "tests/support/data.h"
#include "text/clean.h"

using namespace plainsight;
using Lines = std::vector<std::string>;

namespace {

const std::vector<ImageCaptions>& captions(CaptionFormat format) {
  static const auto csv = read_captions(test::data_dir() / "captions.txt", CaptionFormat::csv);
  static const auto notebook = read_captions(test::data_dir() / "captions.txt", CaptionFormat::notebook);
  return format == CaptionFormat::csv ? csv : notebook;
}

Lines ids_of(const std::vector<ImageCaptions>& images) {
  Lines ids;
  for (const ImageCaptions& image : images) ids.push_back(image.id);
  return ids;
}

}  // namespace

TEST_CASE("both readings of Flickr8k's captions have the notebook's counts") {
  const auto& csv = captions(CaptionFormat::csv);
  const auto& notebook = captions(CaptionFormat::notebook);
  REQUIRE(csv.size() == 8091);
  REQUIRE(notebook.size() == 8091);
  int differing = 0;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    CHECK(csv[i].id == notebook[i].id);
    REQUIRE(csv[i].captions.size() == 5);
    REQUIRE(notebook[i].captions.size() == 5);
    for (std::size_t j = 0; j < 5; ++j)
      differing += clean_caption(csv[i].captions[j]) != clean_caption(notebook[i].captions[j]);
  }
  CHECK(differing == 2428);
  CHECK(max_caption_words(notebook) == 31);
  CHECK(max_caption_words(csv) == 35);
  CHECK(csv[0].id == "1000268201_693b08cb0e");
}

TEST_CASE("the random split of Flickr8k is the notebook's") {
  const Split split = random_split(ids_of(captions(CaptionFormat::notebook)), 0.2, 42);
  REQUIRE(split.train.size() == 6472);
  REQUIRE(split.val.size() == 1619);
  CHECK(Lines(split.train.begin(), split.train.begin() + 3) ==
        Lines{"3393152604_27bd1037f2", "3549673305_4dfd44e04a", "3181328245_7c04ce1691"});
  CHECK(Lines(split.val.begin(), split.val.begin() + 3) ==
        Lines{"3139895886_5a6d495b13", "3133825703_359a0c414d", "244910177_7c4ec3f65b"});
}

TEST_CASE("Flickr8k's own split") {
  const Split split = official_split(test::data_dir() / "splits");
  CHECK(split.train.size() == 6000);
  CHECK(split.val.size() == 1000);
  CHECK(split.test.size() == 1000);
  CHECK(split.train[0] == "2513260012_03d33305cf");
}

TEST_CASE("rows of captions: markers, truncation, order") {
  const WordPiece w(test::data_dir() / "bert-base-uncased-vocab.txt");
  const auto& images = captions(CaptionFormat::notebook);
  const CaptionRows rows = encode_captions(images, ids_of(images), w, 31);
  REQUIRE(rows.size() == 40455);
  std::size_t without_end = 0, longest = 0;
  std::set<std::int32_t> used(rows.tokens.ids.begin(), rows.tokens.ids.end());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows.image[i] == static_cast<std::int32_t>(i / 5));
    CHECK(rows.tokens[i].front() == w.sos());
    without_end += rows.tokens[i].back() != w.eos();
    longest = std::max(longest, rows.tokens[i].size());
  }
  CHECK(without_end == 2);  // 31 words are 32 pieces in two captions
  CHECK(longest == 31);
  CHECK(encode_captions(images, {"3393152604_27bd1037f2"}, w, 31).size() == 5);
  CHECK_THROWS_AS(encode_captions(images, {"nobody"}, w, 31), Error);
}
