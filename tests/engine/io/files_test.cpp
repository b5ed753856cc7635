#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/mapped_file.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;
using test::TempDir;
namespace fs = std::filesystem;

namespace {

std::size_t entries(const TempDir& dir) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Makes the system refuse bytes beyond `limit` in any file, as when a disk is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t limit) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{limit, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

/// Root may write anywhere, so for this scope the process runs as nobody. Other users are unchanged.
class NotRoot {
 public:
  NotRoot() {
    if (before_ == 0) REQUIRE(::seteuid(65534) == 0);
  }
  ~NotRoot() { REQUIRE(::seteuid(before_) == 0); }

 private:
  uid_t before_ = ::geteuid();
};

}  // namespace

TEST_CASE("AtomicFile: the target is whole or absent") {
  const TempDir dir;
  {
    AtomicFile file(dir / "a");
    file.write("half");
    CHECK_FALSE(fs::exists(dir / "a"));
  }
  CHECK(entries(dir) == 0);
  write_file(dir / "a", "old");
  {
    AtomicFile file(dir / "a");
    file.write("new");
    CHECK(test::get(dir / "a") == "old");
  }
  CHECK(test::get(dir / "a") == "old");
  AtomicFile file(dir / "a");
  file.write("new ");
  file.write("text");
  file.commit();
  CHECK(test::get(dir / "a") == "new text");
  CHECK(entries(dir) == 1);
  CHECK_THROWS_AS(file.commit(), ContractError);
}

TEST_CASE("AtomicFile: several writers of one target do not disturb each other") {
  const TempDir dir;
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'i'; ++c)
    writers.emplace_back([&dir, c] {
      for (int i = 0; i < 20; ++i) write_file(dir / "x", std::string(10000, c));
    });
  for (std::thread& t : writers) t.join();
  const std::string content = test::get(dir / "x");
  CHECK(content == std::string(10000, content.at(0)));
  CHECK(entries(dir) == 1);
}

TEST_CASE("AtomicFile: permissions, links, devices and folders") {
  const TempDir dir;
  const mode_t mask = ::umask(022);
  write_file(dir / "fresh", "x");
  ::umask(mask);
  CHECK((fs::status(dir / "fresh").permissions() & fs::perms::mask) == fs::perms(0644));

  fs::permissions(dir / "fresh", fs::perms(0600));
  write_file(dir / "fresh", "y");
  CHECK((fs::status(dir / "fresh").permissions() & fs::perms::mask) == fs::perms(0600));

  fs::create_symlink("fresh", dir / "link");
  write_file(dir / "link", "through");
  CHECK(fs::is_symlink(dir / "link"));
  CHECK(test::get(dir / "fresh") == "through");

  fs::create_directory(dir / "elsewhere");
  fs::create_symlink("../link", dir / "elsewhere" / "chain");
  write_file(dir / "elsewhere" / "chain", "through both");
  CHECK(fs::is_symlink(dir / "link"));
  CHECK(test::get(dir / "fresh") == "through both");

  fs::create_symlink("later", dir / "dangling");
  write_file(dir / "dangling", "made");
  CHECK(test::get(dir / "later") == "made");

  CHECK_THROWS_WITH(AtomicFile("/dev/null"), doctest::Contains("not a regular file"));
  CHECK(fs::is_character_file("/dev/null"));
  CHECK_THROWS_WITH(AtomicFile(dir.path()), doctest::Contains("Is a directory"));
  CHECK_THROWS_WITH(AtomicFile(dir / "none" / "x"), doctest::Contains("its folder does not exist"));
}

TEST_CASE("a write that the system refuses is an error that leaves the target as it was") {
  const TempDir dir;
  write_file(dir / "a", "old");
  {
    AtomicFile file(dir / "a");
    const FileSizeLimit limit(10);
    CHECK_THROWS_WITH(file.write("more than ten bytes"), doctest::Contains("File too large"));
  }
  CHECK(test::get(dir / "a") == "old");
  CHECK(entries(dir) == 1);
}

TEST_CASE("a target that became a folder while its file was written is an error, and the temporary goes") {
  const TempDir dir;
  AtomicFile file(dir / "a");
  file.write("text");
  fs::create_directory(dir / "a");
  CHECK_THROWS_WITH(file.commit(), doctest::Contains("Is a directory"));
  CHECK(entries(dir) == 1);
}

TEST_CASE("a folder that may not be written into is an error that says what to do") {
  const TempDir dir;
  write_file(dir / "a", "old");
  fs::permissions(dir.path(), fs::perms(0555));
  {
    const NotRoot nobody;
    for (const char* name : {"a", "new"})
      CHECK_THROWS_WITH(AtomicFile(dir / name),
                        doctest::Contains("Permission denied. Choose a folder that you may write into"));
  }
  fs::permissions(dir.path(), fs::perms(0700));
  CHECK(test::get(dir / "a") == "old");
  CHECK(entries(dir) == 1);
}

TEST_CASE("MappedFile: content, emptiness, moves, and what is not a file") {
  const TempDir dir;
  test::put(dir / "a", "content");
  test::put(dir / "empty", "");
  MappedFile a(dir / "a");
  CHECK(text_of(a.bytes()) == "content");
  CHECK(MappedFile(dir / "empty").bytes().empty());
  MappedFile b = std::move(a);
  CHECK(a.bytes().empty());
  MappedFile c;
  c = std::move(b);
  CHECK(text_of(c.bytes()) == "content");
  CHECK_THROWS_WITH(MappedFile(dir / "none"), doctest::Contains("No such file"));
  CHECK_THROWS_WITH(MappedFile(dir.path()), doctest::Contains("not a regular file"));
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(MappedFile(dir / "pipe"), doctest::Contains("not a regular file"));
}

TEST_CASE("released pages are read again from the file") {
  const TempDir dir;
  std::string content(100'000, 'a');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
  test::put(dir / "a", content);
  const MappedFile file(dir / "a");
  CHECK(text_of(file.bytes()) == content);
  release_pages(file.bytes().subspan(1, 90'000));
  release_pages(file.bytes().subspan(5, 3));
  release_pages({});
  CHECK(text_of(file.bytes()) == content);
}
