// What survives a loss of power: the bytes must be on the disk before the name points at them, and the name
// before anyone is told. The two system calls are replaced by ones that also write down who was called.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "engine/io/atomic_file.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;

namespace {

std::vector<std::string> calls;

}  // namespace

extern "C" int fsync(int fd) {
  struct stat what {};
  ::fstat(fd, &what);
  calls.push_back(S_ISDIR(what.st_mode) ? "fsync of the folder" : "fsync of the file");
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int rename(const char* from, const char* to) noexcept {
  calls.push_back("rename");
  return static_cast<int>(::syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

TEST_CASE("AtomicFile: bytes, then the name, then the folder that holds the name") {
  const test::TempDir dir;
  calls.clear();
  write_file(dir / "a", "text");
  CHECK(calls == std::vector<std::string>{"fsync of the file", "rename", "fsync of the folder"});
  CHECK(test::get(dir / "a") == "text");
}
