#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "model/training/batch.h"

namespace plainsight {

/// Prepares the next batch on a second thread while the current one is in use. Two batches alternate, and
/// their memory is reused.
class BatchLoader {
 public:
  /// `fill(step, batch)` prepares a step's batch; steps first, first+1, ... below `end`.
  BatchLoader(std::int64_t first, std::int64_t end, std::function<void(std::int64_t, Batch&)> fill);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// The batch of the next step; valid until the next call. Throws what `fill` threw. Call it end -
  /// first times.
  const Batch& next();

 private:
  void work();

  const std::int64_t end_;
  const std::function<void(std::int64_t, Batch&)> fill_;
  Batch batches_[2];
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t filled_, given_;  // steps prepared, and handed out
  bool stop_ = false;
  std::exception_ptr failure_;
  std::thread thread_;  // last: it uses all other members
};

}  // namespace plainsight
