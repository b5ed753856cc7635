#include "engine/optim/clip.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/base/round.h"

namespace plainsight {

namespace {

double sum_of_squares(ConstView g) {
  // The number of chunks is fixed, so the order of the sum depends on nothing but the size.
  constexpr std::int64_t kChunks = 256;
  const std::int64_t chunk_size = ceil_div(g.size(), kChunks);
  std::array<double, kChunks> sums{};
  parallel_for(kChunks, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t chunk = begin; chunk < end; ++chunk) {
      double sum = 0;
      for (std::int64_t i = chunk * chunk_size; i < std::min((chunk + 1) * chunk_size, g.size()); ++i) {
        sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
      }
      sums[chunk] = sum;
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace

float clip_gradient_norm(ParameterSet& parameters, float max_norm) {
  const View g = parameters.gradients();
  const auto norm = static_cast<float>(std::sqrt(sum_of_squares(g)));
  const float factor = max_norm / (norm + 1e-6f);
  if (!(factor >= 1)) {  // also when the norm is NaN: the gradients become NaN, as in torch
    parallel_for(g.size(), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) g[i] *= factor;
    });
  }
  return norm;
}

}  // namespace plainsight
