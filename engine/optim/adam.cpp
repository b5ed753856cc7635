#include "engine/optim/adam.h"

#include <algorithm>
#include <cmath>

#include "engine/base/parallel.h"
#include "engine/kernels/table.h"

namespace plainsight {

Adam::Adam(ParameterSet& parameters, AdamOptions options)
    : parameters_(parameters),
      options_(options),
      m_({parameters.values().size()}),
      v_({parameters.values().size()}) {}

void Adam::step() { update(false); }
void Adam::step_and_zero() { update(true); }

void Adam::update(bool zero_gradients) {
  ++steps_;
  const auto t = static_cast<double>(steps_);
  const double correction1 = 1 - std::pow(options_.beta1, t), correction2 = 1 - std::pow(options_.beta2, t);
  const AdamFactors f{.beta1 = static_cast<float>(options_.beta1),
                      .one_minus_beta1 = static_cast<float>(1 - options_.beta1),
                      .beta2 = static_cast<float>(options_.beta2),
                      .one_minus_beta2 = static_cast<float>(1 - options_.beta2),
                      .eps = static_cast<float>(options_.eps),
                      .weight_decay = static_cast<float>(options_.weight_decay),
                      .step_size = static_cast<float>(options_.lr / correction1),
                      .sqrt_correction2 = static_cast<float>(std::sqrt(correction2))};
  const View p = parameters_.values(), g = parameters_.gradients();
  // Pieces of 16 KB each of p, g, m and v: what one pass zeroes or reads again is still in cache.
  constexpr std::int64_t kPiece = 4096;
  parallel_for((p.size() + kPiece - 1) / kPiece, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin * kPiece; i < std::min(end * kPiece, p.size()); i += kPiece) {
      const std::int64_t n = std::min(kPiece, p.size() - i);
      kernels().adam.step(p.data + i, g.data + i, m_.data() + i, v_.data() + i, n, f, zero_gradients);
    }
  });
}

}  // namespace plainsight
