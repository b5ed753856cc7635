// Files survive a loss of power: the bytes must be on the disk before the name points at them, and the name
// before the caller continues. The two system calls are replaced by versions that also record their calls.

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

/// This thread's record of calls; other tests of this program write files as well.
thread_local std::vector<std::string>* calls = nullptr;

void note(const char* call) {
  if (calls != nullptr) calls->push_back(call);
}

}  // namespace

extern "C" int fsync(int fd) {
  struct stat what {};
  ::fstat(fd, &what);
  note(S_ISDIR(what.st_mode) ? "fsync of the folder" : "fsync of the file");
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int rename(const char* from, const char* to) noexcept {
  note("rename");
  return static_cast<int>(::syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to));
}

TEST_CASE("AtomicFile: bytes, then the name, then the folder that holds the name") {
  const test::TempDir dir;
  std::vector<std::string> ours;
  calls = &ours;
  write_file(dir / "a", "text");
  calls = nullptr;
  CHECK(ours == std::vector<std::string>{"fsync of the file", "rename", "fsync of the folder"});
  CHECK(test::get(dir / "a") == "text");
}
