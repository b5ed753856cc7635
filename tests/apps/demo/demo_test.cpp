#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "apps/demo/draw.h"
#include "apps/demo/image_set.h"
#include "apps/demo/outcome.h"
#include "data/captions.h"
#include "data/image_decode.h"
#include "data/split.h"
#include "text/clean.h"
#include "text/wordpiece.h"

using namespace plainsight;
using namespace plainsight::demo;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / ("plainsight-demo-test-" + std::to_string(getpid()));
  TemporaryFolder() { fs::remove_all(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
};

}  // namespace

TEST_CASE("no two scenes have the same values") {
  const std::vector<Scene> scenes = make_scenes(combinations(), 3);
  std::set<std::array<int, kAttributes>> seen;
  for (const Scene& scene : scenes) {
    for (int a = 0; a < kAttributes; ++a) {
      CHECK(scene.value[static_cast<std::size_t>(a)] >= 0);
      CHECK(scene.value[static_cast<std::size_t>(a)] < values_of(static_cast<Attribute>(a)));
    }
    CHECK(seen.insert(scene.value).second);
  }
  CHECK(seen.size() == 648);
}

TEST_CASE("a sentence names its own scene rightly, and no scene that differs") {
  const std::vector<Scene> scenes = make_scenes(200, 5);
  TorchGenerator random(1);
  std::set<std::string> different;
  for (std::size_t i = 0; i + 1 < scenes.size(); ++i) {
    const std::string caption = clean_caption(describe(scenes[i], random));
    different.insert(caption);
    for (int a = 0; a < kAttributes; ++a) {
      const auto attribute = static_cast<Attribute>(a);
      INFO(caption << ": " << name_of(attribute));
      CHECK(names_rightly(caption, scenes[i], attribute));
      CHECK(names_rightly(caption, scenes[i + 1], attribute) ==
            (scenes[i].value[attribute] == scenes[i + 1].value[attribute]));
    }
  }
  CHECK(different.size() > 190);
  CHECK_FALSE(names_rightly("", scenes[0], kSky));
  CHECK_FALSE(names_rightly("small big", scenes[0], kSize));
}

TEST_CASE("each named attribute changes the image") {
  Scene scene;
  scene.seed = 9;
  const Image plain = draw(scene);
  CHECK(plain.width == 192);
  CHECK(plain.rgb.size() == static_cast<std::size_t>(3 * plain.width * plain.height));
  for (int a = 0; a < kAttributes; ++a) {
    Scene other = scene;
    other.value[static_cast<std::size_t>(a)] = 1;
    CHECK(draw(other).rgb != plain.rgb);
  }
  CHECK(draw(scene).rgb == plain.rgb);
  scene.seed = 10;
  CHECK(draw(scene).rgb != plain.rgb);
}

TEST_CASE("the image set reads back as a user's would") {
  TemporaryFolder folder;
  const ImageSet set = make_image_set(folder.path, 40, 7, [](int) {});
  const std::vector<ImageCaptions> captions = read_captions(set.captions, CaptionFormat::csv);
  REQUIRE(captions.size() == 40);
  const WordPiece wordpiece(set.vocab);
  std::vector<std::int32_t> ids;
  for (std::size_t i = 0; i < captions.size(); ++i) {
    CHECK(captions[i].file == set.files[i]);
    REQUIRE(captions[i].captions.size() == 5);
    for (const std::string& caption : captions[i].captions) {
      CHECK(caption.ends_with("."));
      wordpiece.encode(clean_caption(caption), ids);
    }
    CHECK(decode_image(set.images / set.files[i]).rgb == draw(set.scenes[i]).rgb);
  }
  CHECK(std::find(ids.begin(), ids.end(), wordpiece.unk()) == ids.end());
  CHECK(std::none_of(ids.begin(), ids.end(),
                     [&](std::int32_t id) { return wordpiece.piece(id).starts_with("##"); }));

  const Split split = official_split(set.splits);
  CHECK(split.train.size() == 28);
  CHECK(split.val.size() == 4);
  CHECK(split.test.size() == 8);

  const std::string before = content(set.captions) + content(set.images / set.files[3]);
  make_image_set(folder.path, 40, 7, [](int) {});
  CHECK(content(set.captions) + content(set.images / set.files[3]) == before);
}

TEST_CASE("captions are judged against their own image") {
  TemporaryFolder folder;
  const ImageSet set = make_image_set(folder.path, 40, 7, [](int) {});
  const std::vector<ImageCaptions> all = read_captions(set.captions, CaptionFormat::csv);
  std::vector<std::string> own;
  for (std::size_t i = set.train + set.val; i < all.size(); ++i)
    own.push_back(clean_caption(all[i].captions[2]));
  std::vector<std::string> exchanged = own;
  std::rotate(exchanged.begin(), exchanged.begin() + 1, exchanged.end());
  const Outcome right = judge(set, own);
  const Outcome wrong = judge(set, exchanged);
  CHECK(right.bleu4 == doctest::Approx(1));
  CHECK(wrong.bleu4 < 0.5);
  for (std::size_t a = 0; a < kAttributes; ++a) {
    CHECK(right.rightly[a] == 1);
    CHECK(wrong.rightly[a] < 1);
  }
  write_report(folder.path / "report.html", set, right, wrong);
  const std::string page = content(folder.path / "report.html");
  for (const std::string& caption : own) CHECK(page.find(caption) != std::string::npos);
  CHECK(page.find(set.files.back()) != std::string::npos);
}
