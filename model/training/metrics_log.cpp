#include "model/training/metrics_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

/// Bytes of the first `lines` lines; throws Error when there are fewer.
std::int64_t bytes_of_lines(const std::filesystem::path& path, std::int64_t lines) {
  if (lines == 0) return 0;
  const MappedFile file(path);
  const std::string_view text = file.text();
  std::size_t end = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    const std::size_t newline = text.find('\n', end);
    if (newline == std::string_view::npos) {
      throw Error("cannot resume", path.string(),
                  "it has " + std::to_string(i) + " lines, but the checkpoint was written after " +
                      std::to_string(lines),
                  "Restore the file, or train again into another folder");
    }
    end = newline + 1;
  }
  return static_cast<std::int64_t>(end);
}

template <class T>
std::string shortest(T x) {
  if (!std::isfinite(x)) return "null";  // JSON has neither infinity nor NaN
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, x);
  return {text, result.ptr};
}

}  // namespace

MetricsLog::MetricsLog(std::filesystem::path path, std::int64_t lines)
    : path_(std::move(path)), lines_(lines) {
  const std::int64_t bytes = bytes_of_lines(path_, lines);
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) fail();
  if (::ftruncate(fd_, bytes) != 0) {
    const int error = errno;
    ::close(fd_);
    errno = error;
    fail();
  }
}

MetricsLog::~MetricsLog() { ::close(fd_); }

void MetricsLog::append(std::string_view line) {
  std::string text(line);
  text += '\n';
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    rest.remove_prefix(written);
  }
  ++lines_;
}

void MetricsLog::flush() {
  if (::fsync(fd_) != 0) fail();
}

void MetricsLog::fail() const {
  throw Error("cannot write the metrics", path_.string(), std::strerror(errno),
              errno == ENOSPC ? "Free some space" : "");
}

std::string number(float x) { return shortest(x); }
std::string number(double x) { return shortest(x); }

}  // namespace plainsight
