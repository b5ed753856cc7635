#include "apps/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace plainsight {
namespace {

std::string duration(double seconds) {
  const auto s = static_cast<long long>(seconds + 0.5);
  char text[32];
  if (s >= 3600)
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
  else
    std::snprintf(text, sizeof text, "%lld:%02lld", s / 60, s % 60);
  return text;
}

}  // namespace

Progress::Progress(std::string title, std::string noun, std::int64_t total, bool quiet)
    : title_(std::move(title)),
      noun_(std::move(noun)),
      total_(total),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() { finish(); }

void Progress::update(std::int64_t done, const std::string& note) {
  // Work that was already done at the first call (a resumed run) does not count in the rate.
  if (first_ < 0)
    first_ = done > 0 && done < total_ && Clock::now() - start_ < std::chrono::milliseconds(5) ? done : 0;
  done_ = done;
  note_ = note;
  if (quiet_ || finished_) return;
  const auto now = Clock::now();
  if (now - last_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000))) return;
  last_ = now;
  print(note_, false);
}

void Progress::finish() {
  if (finished_) return;
  finished_ = true;
  if (!quiet_ && done_ > 0) print(note_, true);
}

void Progress::print(const std::string& note, bool last) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate =
      seconds > 0 ? static_cast<double>(done_ - std::max<std::int64_t>(first_, 0)) / seconds : 0;
  const double left = rate > 0 ? static_cast<double>(total_ - done_) / rate : 0;
  std::string line = title_ + "  ";
  if (terminal_) {
    const int filled = total_ > 0 ? static_cast<int>(24 * done_ / total_) : 24;
    line += "[" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(24 - filled), '.') + "] ";
  }
  char text[96];
  std::snprintf(text, sizeof text, "%lld/%lld %s  %.4g/s  %s", static_cast<long long>(done_),
                static_cast<long long>(total_), noun_.c_str(), rate,
                last ? ("in " + duration(seconds)).c_str() : (duration(left) + " left").c_str());
  line += text;
  if (!note.empty()) line += "  " + note;
  if (terminal_)
    std::fprintf(stderr, "\r%s\033[K%s", line.c_str(), last ? "\n" : "");
  else
    std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace plainsight
