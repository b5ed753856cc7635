#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <type_traits>

namespace plainsight {

/// Number of threads that parallel_for uses. Default: the processors this process may run on
/// (its affinity mask, not the machine's size), at most OMP_NUM_THREADS, which libraries obey too.
int threads();

/// Sets threads() for the whole process; n >= 1. Sets OpenMP's number on the calling thread too, for the
/// libraries that use OpenMP.
void set_threads(int n);

/// Calls f(begin, end) on disjoint ranges that cover [0, n), on up to threads() threads, and waits.
/// At most ceil(n / grain) ranges are made, so small work stays on the calling thread. Nested calls run
/// serially. The split depends on the thread count: f must compute each element from its index alone (never a
/// sum across the range), so that results are the same for any number of threads. Exceptions thrown by f are
/// carried to the caller (the first one).
template <class F>
void parallel_for(std::int64_t n, std::int64_t grain, F&& f);

/// Calls f(worker, task) once for every task in [0, n), on up to threads() threads, and waits. Scheduling is
/// dynamic: a thread that finishes a task takes the next one, so tasks may differ in cost, and a preempted
/// thread delays only its current task. Calls with the same `worker` (below min(threads(), n)) never overlap:
/// it is the index of the thread's slice of a workspace. Results must not depend on who runs a task.
template <class F>
void parallel_tasks(std::int64_t n, F&& f);

namespace detail {
using RangeFunction = void (*)(void* context, std::int64_t begin, std::int64_t end);
void parallel_ranges(std::int64_t n, std::int64_t grain, RangeFunction f, void* context);
}  // namespace detail

template <class F>
void parallel_for(std::int64_t n, std::int64_t grain, F&& f) {
  // A plain function pointer keeps the call free of allocation, which std::function is not.
  detail::parallel_ranges(
      n, grain,
      [](void* context, std::int64_t b, std::int64_t e) {
        (*static_cast<std::remove_reference_t<F>*>(context))(b, e);
      },
      const_cast<void*>(static_cast<const void*>(&f)));
}

template <class F>
void parallel_tasks(std::int64_t n, F&& f) {
  std::atomic<std::int64_t> next{0};
  parallel_for(std::min<std::int64_t>(threads(), n), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t worker = begin; worker < end; ++worker)
      for (std::int64_t task = next++; task < n; task = next++) f(worker, task);
  });
}

}  // namespace plainsight
