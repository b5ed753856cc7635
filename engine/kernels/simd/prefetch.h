#pragma once

namespace plainsight {

/// Memory that a later kernel reads. A kernel that is handed one prefetches it into L2 while it computes:
/// `lines` cache lines with each of its steps, one after another from `at`.
struct Prefetch {
  const float* at;
  long lines;
};

}  // namespace plainsight
