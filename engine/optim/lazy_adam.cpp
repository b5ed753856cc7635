#include "engine/optim/lazy_adam.h"

#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/table.h"

namespace plainsight {

namespace {

// Steps kept at most; then all rows catch up. 1024 steps take 32 KB, and catching up once in 1024 steps costs
// next to nothing.
constexpr std::size_t kHistory = 1024;

bool all_zero(const float* x, std::int64_t n) {
  return std::all_of(x, x + n, [](float value) { return value == 0; });
}

}  // namespace

LazyAdam::LazyAdam(View p, View g, View m, View v)
    : p_(p), g_(g), m_(m), v_(v), applied_(p.rows()), last_use_(p.rows(), 0) {
  history_.reserve(kHistory);
  used_.reserve(applied_.size());
  for (std::int64_t r = 0; r < p.rows(); ++r) {
    const bool never = all_zero(m.row(r), m.cols()) && all_zero(v.row(r), v.cols());
    applied_[r] = never ? kNever : 0;
  }
}

void LazyAdam::use(std::span<const std::int32_t> rows) {
  // Each row once, so that threads can share them.
  ++uses_;
  used_.clear();
  for (const std::int32_t row : rows) {
    require(0 <= row && row < p_.rows(), "LazyAdam: no such row");
    if (last_use_[row] == uses_) continue;  // named before in this call
    last_use_[row] = uses_;
    used_.push_back(row);
  }
  parallel_for(std::ssize(used_), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) catch_up(used_[i]);
  });
}

void LazyAdam::step(const AdamFactors& factors, bool zero_gradients) {
  if (history_.size() == kHistory) catch_up();
  history_.push_back(factors);
  const auto now = static_cast<std::int32_t>(history_.size());
  parallel_for(std::ssize(used_), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int32_t row = used_[i];
      kernels().adam.step(p_.row(row), g_.row(row), m_.row(row), v_.row(row), p_.cols(), factors,
                          zero_gradients);
      applied_[row] = now;
    }
  });
  used_.clear();
}

void LazyAdam::catch_up(std::int32_t row) {
  std::int32_t& applied = applied_[row];
  if (applied == kNever) return;  // m = v = 0: the missed steps do not move it
  const auto now = static_cast<std::int32_t>(history_.size());
  kernels().adam.idle_steps(p_.row(row), m_.row(row), v_.row(row), p_.cols(), history_.data() + applied,
                            now - applied);
  applied = now;
}

void LazyAdam::catch_up() {
  parallel_for(p_.rows(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) catch_up(static_cast<std::int32_t>(row));
  });
  history_.clear();
  for (std::int32_t& applied : applied_) applied = std::min(applied, 0);  // 0, or kNever as before
}

}  // namespace plainsight
