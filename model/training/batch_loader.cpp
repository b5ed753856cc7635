#include "model/training/batch_loader.h"

namespace plainsight {

BatchLoader::BatchLoader(std::int64_t first, std::int64_t end, std::function<void(std::int64_t, Batch&)> fill)
    : end_(end), fill_(std::move(fill)), filled_(first), given_(first), thread_([this] { work(); }) {}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

const Batch& BatchLoader::next() {
  std::unique_lock lock(mutex_);
  require(given_ < end_, "BatchLoader::next: no steps are left");
  const std::int64_t step = given_++;  // tells the worker that the batch before this one is free again
  changed_.notify_all();
  changed_.wait(lock, [&] { return filled_ > step || failure_; });
  if (filled_ <= step) std::rethrow_exception(failure_);
  return batches_[step % 2];
}

void BatchLoader::work() {
  for (std::int64_t step = filled_; step < end_; ++step) {
    {
      // Batch `step` takes the place of batch step-2, which is in use until step-1 has been requested.
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || given_ >= step; });
      if (stop_) return;
    }
    try {
      fill_(step, batches_[step % 2]);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      changed_.notify_all();
      return;
    }
    const std::lock_guard lock(mutex_);
    filled_ = step + 1;
    changed_.notify_all();
  }
}

}  // namespace plainsight
