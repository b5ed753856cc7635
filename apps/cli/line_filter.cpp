#include "apps/cli/line_filter.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <vector>

#include "apps/cli/program.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace plainsight {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{4} << 20, kPartBytes = std::size_t{64} << 10;

// Bytes that were read and not used yet.
class Input {
 public:
  explicit Input(int fd) : fd_(fd) {}

  std::string_view text() const { return {bytes_.data(), size_}; }

  // Appends what is there, up to a block, and waits only when nothing is; false at the end of the input.
  bool read() {
    for (std::size_t got = 0; got < kBlockBytes;) {
      if (bytes_.size() < size_ + kBlockBytes)
        bytes_.resize(std::max(2 * bytes_.size(), size_ + kBlockBytes));
      const ssize_t n = ::read(fd_, bytes_.data() + size_, kBlockBytes);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EBADF)
        throw Error("cannot read", "standard input", "it is closed", "Give it text: < FILE, or a pipe");
      if (n < 0) throw Error("cannot read", "standard input", std::strerror(errno));
      if (n == 0) return got > 0;
      size_ += n, got += n;
      pollfd ready{fd_, POLLIN, 0};
      if (::poll(&ready, 1, 0) <= 0) break;
    }
    return true;
  }
  void append(char c) {
    bytes_.resize(std::max(bytes_.size(), size_ + 1));
    bytes_[size_++] = c;
  }
  void drop(std::size_t n) {
    std::memmove(bytes_.data(), bytes_.data() + n, size_ - n);
    size_ -= n;
  }

 private:
  int fd_;
  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

// False when nobody reads any more.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) return false;
    if (n < 0) fail_to_write_results(errno);
    text.remove_prefix(n);
  }
  return true;
}

// Consecutive whole lines, and what became of them.
struct Part {
  std::string_view text;  // ends with a line feed
  std::int64_t first_line;
  std::string result{};
  std::exception_ptr error{};

  void run(const LineFunction& f) {
    std::int64_t number = first_line;
    std::size_t done = 0;
    try {
      for (std::string_view rest = text; !rest.empty(); ++number) {
        const std::size_t end = rest.find('\n');
        f(rest.substr(0, end), number, result);
        result += '\n';
        done = result.size();
        rest.remove_prefix(end + 1);
      }
    } catch (...) {
      error = std::current_exception();
      result.resize(done);
    }
  }
};

// Cuts whole lines into parts of about kPartBytes.
std::vector<Part> cut(std::string_view text, std::int64_t& line) {
  std::vector<Part> parts;
  while (!text.empty()) {
    const std::size_t end = text.find('\n', std::min(kPartBytes, text.size()) - 1) + 1;
    const std::string_view part = end == 0 ? text : text.substr(0, end);
    parts.push_back({part, line});
    line += std::count(part.begin(), part.end(), '\n');
    text.remove_prefix(part.size());
  }
  return parts;
}

}  // namespace

void filter_lines(int in, int out, const LineFunction& f) {
  Input input(in);
  std::int64_t line = 1;
  for (bool more = true; more;) {
    more = input.read();
    if (!more && !input.text().empty()) input.append('\n');
    const std::size_t whole = input.text().rfind('\n') + 1;
    std::vector<Part> parts = cut(input.text().substr(0, whole), line);
    parallel_for(static_cast<std::int64_t>(parts.size()), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) parts[i].run(f);
    });
    for (const Part& part : parts) {
      if (!write_all(out, part.result)) return;
      if (part.error) std::rethrow_exception(part.error);
    }
    input.drop(whole);
  }
}

}  // namespace plainsight
