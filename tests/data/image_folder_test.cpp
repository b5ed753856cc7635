#include "data/image_folder.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "engine/base/error.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

std::string refusal(const std::filesystem::path& path) {
  try {
    list_images(path);
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("images are listed by name, with the name up to its first dot as id; the rest is counted") {
  const TempDir dir;
  for (const char* name : {"b.jpg", "a.v2.JPEG", "Z.PNG", "notes.txt", ".hidden.jpg", "jpg"})
    put(dir / name, "12345");
  std::filesystem::create_directory(dir / "folder");
  const ImageFolder folder = list_images(dir.path());
  REQUIRE(folder.images.size() == 3);
  CHECK(folder.images[0].file == "Z.PNG");
  CHECK(folder.images[1].file == "a.v2.JPEG");
  CHECK(folder.images[1].id == "a");
  CHECK(folder.images[2].id == "b");
  CHECK(folder.images[2].bytes == 5);
  CHECK(folder.others == 4);
  CHECK(folder.skipped.empty());
}

TEST_CASE("an image's name on something that cannot be one is left out and named") {
  const TempDir dir;
  put(dir / "a.jpg", "");
  std::filesystem::create_symlink("a.jpg", dir / "link.png");
  std::filesystem::create_directory(dir / "folder.jpg");
  REQUIRE(::mkfifo((dir / "pipe.jpg").c_str(), 0600) == 0);
  std::filesystem::create_symlink("nowhere", dir / "dangling.jpg");
  std::filesystem::create_symlink("circle.jpg", dir / "circle.jpg");
  const ImageFolder folder = list_images(dir.path());
  CHECK(folder.images.size() == 2);
  CHECK(folder.others == 0);
  REQUIRE(folder.skipped.size() == 4);
  const char* const expected[][2] = {{"circle.jpg", "Too many levels of symbolic links"},
                                     {"dangling.jpg", "a link that leads nowhere"},
                                     {"folder.jpg", "not a regular file"},
                                     {"pipe.jpg", "not a regular file"}};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(folder.skipped[i].file == expected[i][0]);
    CHECK(folder.skipped[i].reason.find(expected[i][0]) != std::string::npos);
    CHECK(folder.skipped[i].reason.find(expected[i][1]) != std::string::npos);
    CHECK((folder.skipped[i].reason.find("Remove") == std::string::npos) == (i == 0));
  }
}

TEST_CASE("a name that cannot be an id is left out and named") {
  const TempDir dir;
  put(dir / "a.jpg", "");
  put(dir / "two\nlines.jpg", "");
  put(dir / "latin\xE9.jpg", "");
  const ImageFolder folder = list_images(dir.path());
  CHECK(folder.images.size() == 1);
  REQUIRE(folder.skipped.size() == 2);
  for (const auto& s : folder.skipped) CHECK(s.reason.find('\n') == std::string::npos);
}

TEST_CASE("two files of one id are an error that names both; so is a folder without images, or none") {
  const TempDir dir;
  CHECK(refusal(dir.path()).find("none of its 0 entries") != std::string::npos);
  put(dir / "dog.jpg", "");
  put(dir / "cat.jpg", "");
  put(dir / "dog.b.png", "");
  const std::string text = refusal(dir.path());
  CHECK(text.find("dog.b.png and dog.jpg are both \"dog\"") != std::string::npos);
  CHECK(refusal(dir / "nowhere").find("nowhere") != std::string::npos);
  CHECK(refusal(dir / "dog.jpg").find("dog.jpg") != std::string::npos);
}
