#include "model/captioner/logits.h"

#include <cmath>

#include "engine/base/error.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/plain/softmax.h"

namespace plainsight {

double log_sum_exp(std::span<const float> row) {
  if (engine() == Engine::plain) {
    plain::Row<float> probabilities(row.size());
    const plain::ConstRowMap<float> logits(row.data(), probabilities.size());
    return static_cast<double>(plain::softmax_row(probabilities, logits));
  }
  const auto n = static_cast<long>(row.size());
  const float m = kernels().row.max(row.data(), n);
  return static_cast<double>(m) + std::log(kernels().row.exp_sum(row.data(), n, m));
}

void largest(std::span<std::int32_t> best, std::span<const float> row) {
  require(best.size() <= row.size(), "largest: more are wanted than there are");
  std::size_t found = 0;
  const auto n = static_cast<long>(row.size());
  const auto value = [&](std::size_t at) { return row[best[at]]; };
  for (long i = 0; i < n; ++i) {
    if (found == best.size() && (i = kernels().row.find_above(row.data(), i, n, value(found - 1))) == n)
      break;
    // Insertion into the short sorted list: equal elements stay in the order of their ids.
    const float x = row[i];
    std::size_t at = found < best.size() ? found++ : found - 1;
    for (; at > 0 && x > value(at - 1); --at) best[at] = best[at - 1];
    best[at] = static_cast<std::int32_t>(i);
  }
}

}  // namespace plainsight
