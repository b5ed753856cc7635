#pragma once

#include <cstdint>
#include <span>

namespace plainsight {

/// log(sum(exp(row))), relative to the largest element, so that nothing overflows.
double log_sum_exp(std::span<const float> row);

/// Writes the ids of the best.size() largest elements of `row` to `best`, largest first; of equal ones the
/// lower id. best.size() <= row.size().
void largest(std::span<std::int32_t> best, std::span<const float> row);

}  // namespace plainsight
