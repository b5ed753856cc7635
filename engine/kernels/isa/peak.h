#pragma once

#include "engine/kernels/isa/table.h"

namespace plainsight {

/// GFLOP/s of multiply-adds on registers alone with the table's vectors: only products on a matrix unit can
/// be faster. On threads() threads, for about `seconds`.
double fma_peak(const KernelTable& table, double seconds);

/// GB/s of a[i] = b[i] + s c[i] on arrays far larger than the caches, counting 12 bytes an element as STREAM
/// does.
double triad(double seconds);

}  // namespace plainsight
