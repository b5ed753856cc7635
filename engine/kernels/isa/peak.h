#pragma once

#include "engine/kernels/isa/table.h"

namespace plainsight {

/// Peak of the roofline: GFLOP/s of multiply-adds on registers alone with the table's vectors, on threads()
/// threads, measured for about `seconds`. Only products on AMX tiles can be faster.
double fma_peak(const KernelTable& table, double seconds);

/// Memory bandwidth of the roofline: GB/s of a[i] = b[i] + s c[i] on arrays far larger than the caches,
/// counting 12 bytes an element as STREAM does.
double triad(double seconds);

}  // namespace plainsight
