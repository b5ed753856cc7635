#include "engine/io/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "engine/base/error.h"

namespace plainsight {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why,
                       const std::string& hint = "") {
  throw Error("cannot write file", path.string(), why, hint);
}

[[noreturn]] void fail(const std::filesystem::path& path, int error) {
  switch (error) {
    case ENOENT: fail(path, "its folder does not exist", "Make it first");
    case ENOSPC: fail(path, std::strerror(error), "Free some space; nothing was changed");
    // The temporary is a new file in the same folder, so it is the folder that must allow it.
    case EACCES:
    case EPERM:
    case EROFS: fail(path, std::strerror(error), "Choose a folder that you may write into");
    default: fail(path, std::strerror(error));
  }
}

/// The file that a chain of symbolic links ends at: renaming over the link would replace the link.
std::filesystem::path follow_links(std::filesystem::path path) {
  std::error_code error;
  for (int links = 0; links < 40 && std::filesystem::is_symlink(path, error); ++links) {
    const std::filesystem::path next = std::filesystem::read_symlink(path, error);
    if (error) break;
    path = path.parent_path() / next;  // an absolute `next` replaces the whole
  }
  return path;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& target) : target_(follow_links(target)) {
  struct stat old {};
  const bool exists = ::stat(target_.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) fail(target_, EISDIR);
  // Renaming over a device or a pipe would replace it: /dev/null must stay /dev/null.
  if (exists && !S_ISREG(old.st_mode)) fail(target_, "it is not a regular file");
  static std::atomic<unsigned> count = 0;
  do {  // O_EXCL: never a file of another thread, process or earlier run
    temporary_ = target_.string() + ".tmp" + std::to_string(::getpid()) + "-" + std::to_string(count++);
    fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) fail(target_, errno);
  // A replaced file keeps its permissions; on a file system that has none, this fails and nothing is lost.
  if (exists) ::fchmod(fd_, old.st_mode & 0777);
}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), std::min<std::size_t>(bytes.size(), std::size_t{1} << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(target_, errno);
    bytes = bytes.subspan(n);
  }
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

void AtomicFile::commit() {
  require(fd_ >= 0, "AtomicFile: committed twice");
  if (::fsync(fd_) != 0) fail(target_, errno);
  const int fd = std::exchange(fd_, -1);
  const bool closed = ::close(fd) == 0;
  if (!closed || ::rename(temporary_.c_str(), target_.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    fail(target_, error);
  }
  // The rename itself is durable only once the folder is.
  const int folder = ::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
}

void write_file(const std::filesystem::path& target, std::string_view content) {
  AtomicFile file(target);
  file.write(content);
  file.commit();
}

}  // namespace plainsight
