#include "engine/base/parallel.h"

#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>

#include "engine/base/error.h"
#include "engine/base/round.h"

namespace plainsight {
namespace {

int usable_processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return 1;
}

std::atomic<int> thread_count{0};

}  // namespace

int threads() {
  int n = thread_count.load(std::memory_order_relaxed);
  if (n == 0) {
    n = std::min(usable_processors(), omp_get_max_threads());
    thread_count.store(n, std::memory_order_relaxed);
  }
  return n;
}

void set_threads(int n) {
  require(n >= 1, "set_threads: at least one thread");
  thread_count.store(n, std::memory_order_relaxed);
  omp_set_num_threads(n);
}

namespace detail {

void parallel_ranges(std::int64_t n, std::int64_t grain, RangeFunction f, void* context) {
  if (n <= 0) return;
  const std::int64_t ranges =
      std::min<std::int64_t>(threads(), ceil_div(n, std::max<std::int64_t>(grain, 1)));
  if (ranges <= 1 || omp_in_parallel()) return f(context, 0, n);
  std::exception_ptr error;
  // Static ranges: thread r always gets the same part, so repeated passes find their data in its cache.
#pragma omp parallel for num_threads(static_cast <int>(ranges)) schedule(static, 1)
  for (std::int64_t r = 0; r < ranges; ++r) {
    try {
      f(context, n * r / ranges, n * (r + 1) / ranges);
    } catch (...) {
#pragma omp critical(plainsight_parallel_error)
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace detail
}  // namespace plainsight
