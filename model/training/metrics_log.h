#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace plainsight {

/// RUN/metrics.jsonl: lines appended while training goes on, so that it can be followed. Not a file that is
/// whole or absent: a killed run may leave lines after its checkpoint, the last one incomplete; resuming cuts
/// them off.
class MetricsLog {
 public:
  /// Opens the file and keeps its first `lines` lines. Throws Error when it has fewer, or cannot be written.
  MetricsLog(std::filesystem::path path, std::int64_t lines);
  ~MetricsLog();
  MetricsLog(const MetricsLog&) = delete;
  MetricsLog& operator=(const MetricsLog&) = delete;

  /// Appends `line` and a newline. Throws Error.
  void append(std::string_view line);
  /// Everything appended is on disk afterwards. Throws Error.
  void flush();
  std::int64_t lines() const { return lines_; }

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::int64_t lines_ = 0;
};

/// The shortest decimal text that reads back as the same value.
std::string number(float x);
std::string number(double x);

}  // namespace plainsight
