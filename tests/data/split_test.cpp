#include "data/split.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "engine/base/error.h"

using namespace plainsight;

namespace {

// A folder that vanishes with the test.
struct Folder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("plainsight-split-" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
    return path / name;
  }
};

std::string message_of(const auto& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("numpy's permutation") {
  CHECK(numpy_permutation(10, 42) == std::vector<std::size_t>{8, 1, 5, 0, 7, 2, 9, 4, 3, 6});
  const auto flickr8k = numpy_permutation(8091, 42);
  CHECK(std::vector<std::size_t>(flickr8k.begin(), flickr8k.begin() + 8) ==
        std::vector<std::size_t>{4194, 4166, 1928, 1061, 736, 1383, 742, 503});
  CHECK(std::vector<std::size_t>(flickr8k.end() - 4, flickr8k.end()) ==
        std::vector<std::size_t>{5390, 860, 7603, 7270});
  const auto large = numpy_permutation(40455, 42);
  CHECK(std::vector<std::size_t>(large.begin(), large.begin() + 4) ==
        std::vector<std::size_t>{17775, 13506, 4325, 37870});
  CHECK(large.back() == 15795);
  CHECK(numpy_permutation(0, 1).empty());
  CHECK(numpy_permutation(1, 1) == std::vector<std::size_t>{0});
}

TEST_CASE("a random split needs two parts") {
  CHECK(
      message_of([] { random_split({"a"}, 0.2, 42); }) ==
      "cannot split (1 image): 20 % of the images, rounded up, are for validation, the others for training: "
      "one part would be empty. At least 2 images are needed");
  CHECK_THROWS_AS(random_split({}, 0.2, 42), Error);
  CHECK_THROWS_AS(random_split({"a", "b"}, 0.0, 42), ContractError);
  const Split split = random_split({"a", "b"}, 0.2, 42);
  CHECK(split.val.size() == 1);
  CHECK(split.train.size() == 1);
  CHECK(split.test.empty());
}

TEST_CASE("Flickr8k's own lists") {
  const Folder folder;
  folder.write("Flickr_8k.trainImages.txt", "a.jpg\nb.jpg\r\n \r\n\n");
  folder.write("Flickr_8k.devImages.txt", "c.jpg\n");
  folder.write("Flickr_8k.testImages.txt", "d.jpg");
  const Split split = official_split(folder.path);
  CHECK(split.train == std::vector<std::string>{"a", "b"});
  CHECK(split.val == std::vector<std::string>{"c"});
  CHECK(split.test == std::vector<std::string>{"d"});
  folder.write("Flickr_8k.testImages.txt", "d.jpg\na.png\n");
  const std::string message = message_of([&] { official_split(folder.path); });
  CHECK(message.find("Flickr_8k.testImages.txt, line 2): \"a\" was listed before (") != std::string::npos);
  CHECK(message.find("Flickr_8k.trainImages.txt, line 1)") != std::string::npos);
  std::filesystem::remove(folder.path / "Flickr_8k.testImages.txt");
  CHECK(official_split(folder.path).test.empty());
  folder.write("Flickr_8k.devImages.txt", "\n");
  CHECK(message_of([&] { official_split(folder.path); }).find("the list is empty") != std::string::npos);
  std::filesystem::remove(folder.path / "Flickr_8k.devImages.txt");
  CHECK(message_of([&] { official_split(folder.path); }).find("Flickr_8k.devImages.txt") !=
        std::string::npos);
}

TEST_CASE("Karpathy's JSON") {
  const Folder folder;
  const auto good = folder.write(
      "k.json", R"({"images":[{"filename":"a.jpg","split":"train"},{"filename":"b.jpg","split":"val"},
    {"filename":"c.jpg","split":"restval","more":[1]},
    {"filename":"d.jpg","split":"test"}],"dataset":"flickr8k"})");
  const Split split = karpathy_split(good);
  CHECK(split.train == std::vector<std::string>{"a", "c"});
  CHECK(split.val == std::vector<std::string>{"b"});
  CHECK(split.test == std::vector<std::string>{"d"});
  const auto why = [&](const std::string& text) {
    const auto path = folder.write("bad.json", text);
    return message_of([&] { karpathy_split(path); });
  };
  CHECK(why("{").find("it is not valid JSON") != std::string::npos);
  CHECK(why("[]").find("no list `images`") != std::string::npos);
  CHECK(why(R"({"images":[{"filename":3,"split":"val"}]})").find("images[0]): it has no `filename`") !=
        std::string::npos);
  CHECK(why(R"({"images":[{"filename":"a.jpg","split":"dev"}]})").find("images[0]): `split` is \"dev\"") !=
        std::string::npos);
  CHECK(why(R"({"images":[{"filename":"a.jpg","split":"val"},{"filename":"a.jpg","split":"val"}]})")
            .find("images[1]): \"a\" was") != std::string::npos);
  CHECK(why(R"({"images":[{"filename":"a.jpg","split":"val"}]})").find("no training images") !=
        std::string::npos);
}
