#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>

namespace plainsight::test {

/// `count` floats, directly followed by an unmapped page: reading or writing one element too far crashes.
/// Filled with NaN, which reveals elements that a kernel forgets to write. The start is aligned to a
/// float only.
class Guarded {
 public:
  explicit Guarded(std::int64_t count) : count_(count) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = static_cast<std::size_t>(count) * sizeof(float);
    mapped_ = (bytes + page - 1) / page * page + page;
    base_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    char* guard = static_cast<char*>(base_) + mapped_ - page;
    mprotect(guard, page, PROT_NONE);
    data_ = reinterpret_cast<float*>(guard - bytes);
    for (std::int64_t i = 0; i < count; ++i) data_[i] = std::numeric_limits<float>::quiet_NaN();
  }
  ~Guarded() { munmap(base_, mapped_); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  float* data() { return data_; }
  const float* data() const { return data_; }
  std::int64_t size() const { return count_; }
  float& operator[](std::int64_t i) { return data_[i]; }
  float operator[](std::int64_t i) const { return data_[i]; }

 private:
  std::int64_t count_;
  std::size_t mapped_ = 0;
  void* base_ = nullptr;
  float* data_ = nullptr;
};

}  // namespace plainsight::test
