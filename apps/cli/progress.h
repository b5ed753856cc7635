#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace plainsight {

/// Progress on stderr: on a terminal a bar that redraws itself, with rate and time left; elsewhere a line
/// every few seconds. Silent when quiet.
class Progress {
 public:
  /// @param noun  the things that are counted, in the plural: "images", "captions"
  Progress(std::string title, std::string noun, std::int64_t total, bool quiet);
  ~Progress();
  /// `done` of `total` are finished; `note` (a loss, a file name) is shown after the rate. Cheap: prints at
  /// most ten times a second.
  void update(std::int64_t done, const std::string& note = "");
  /// Prints the last state and ends the line. Called by the destructor too.
  void finish();

 private:
  void print(const std::string& note, bool last);

  using Clock = std::chrono::steady_clock;
  std::string title_, noun_, note_;
  std::int64_t total_, done_ = 0, first_ = -1;
  bool quiet_, terminal_, finished_ = false;
  Clock::time_point start_, last_;
};

}  // namespace plainsight
