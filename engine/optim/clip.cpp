#include "engine/optim/clip.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/parallel.h"

namespace plainsight {

namespace {

double sum_of_squares(ConstView g) {
  constexpr std::int64_t kPiece = 1 << 14;
  const std::int64_t pieces = (g.size() + kPiece - 1) / kPiece;
  std::vector<double> sums(static_cast<std::size_t>(pieces));
  parallel_for(pieces, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t piece = begin; piece < end; ++piece) {
      double sum = 0;
      for (std::int64_t i = piece * kPiece; i < std::min((piece + 1) * kPiece, g.size()); ++i) {
        sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
      }
      sums[static_cast<std::size_t>(piece)] = sum;
    }
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
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
