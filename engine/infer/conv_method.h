#pragma once

// What the methods of a ConvPlan share; not for its users.

#include <algorithm>
#include <atomic>
#include <cstring>

#include "engine/base/memory.h"
#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/infer/conv_plan.h"
#include "engine/infer/layout.h"

namespace plainsight {

/// `tile` as in ConvOptions.
std::unique_ptr<const ConvPlan::Method> make_winograd(const ConvShape& shape, ConstView weight,
                                                      ConstView bias, int tile, const ConvKernels& kernels);

/// The nine taps, in place (direct) or gathered first (im2col).
std::unique_ptr<const ConvPlan::Method> make_taps(const ConvShape& shape, ConstView weight, ConstView bias,
                                                  bool gather, const ConvKernels& kernels);

/// The bias, filled up with zeros to whole panels.
inline FloatBuffer padded_bias(ConstView bias, std::int64_t panel) {
  FloatBuffer padded = allocate_floats(static_cast<std::size_t>(round_up(bias.size(), panel)));
  std::copy_n(bias.data, bias.size(), padded.get());
  return padded;
}

/// Calls f(begin, count) on parts of [0, n) that differ by at most one and are no longer than `most`: a last
/// part of one row would use a fraction of the multipliers.
template <class F>
void in_even_parts(std::int64_t n, std::int64_t most, F&& f) {
  const std::int64_t parts = ceil_div(n, most);
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::int64_t begin = n * i / parts, end = n * (i + 1) / parts;
    f(begin, end - begin);
  }
}

/// Calls f(worker, task) for tasks [0, n), each taken by the thread that is free: when another program takes
/// a processor, nobody waits for a part that was promised to it. A worker is a thread's own place in a
/// workspace.
template <class F>
void share_tasks(std::int64_t n, F&& f) {
  const std::int64_t workers = std::min<std::int64_t>(threads(), n);
  std::atomic<std::int64_t> next{0};
  parallel_for(workers, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t worker = begin; worker < end; ++worker)
      for (std::int64_t task = next++; task < n; task = next++) f(worker, task);
  });
}

}  // namespace plainsight
