#pragma once

#include <cmath>

#include "engine/plain/map.h"

// Adam, as torch.optim.Adam, over flat rows of parameters p, gradients g and moments m, v.
namespace plainsight::plain {

/// The options, and the index t = 1, 2, ... of the step.
struct AdamStep {
  double lr, beta1, beta2, eps, weight_decay;
  std::int64_t t;
};

/// With g' = g + weight_decay p:
///   m = β1 m + (1-β1) g'        v = β2 v + (1-β2) g'²
///   p -= lr/(1-β1ᵗ) · m / (√v/√(1-β2ᵗ) + eps)        and g = 0 when zero_gradients
template <class T>
void adam_step(RowMap<T> p, RowMap<T> g, RowMap<T> m, RowMap<T> v, const AdamStep& s, bool zero_gradients) {
  // The factors are computed in double, once a step; T(x) rounds.
  const double t = static_cast<double>(s.t);
  const T step_size = T(s.lr / (1 - std::pow(s.beta1, t)));
  const T correction = T(std::sqrt(1 - std::pow(s.beta2, t)));
  const T beta1 = T(s.beta1), one_minus_beta1 = T(1 - s.beta1);
  const T beta2 = T(s.beta2), one_minus_beta2 = T(1 - s.beta2);
  const T eps = T(s.eps), weight_decay = T(s.weight_decay);
  for_each_part(p.size(), [&](auto part) {
    const auto gradient = part(g) + weight_decay * part(p);
    part(m) = beta1 * part(m) + one_minus_beta1 * gradient;
    part(v) = beta2 * part(v) + one_minus_beta2 * gradient.square();
    part(p) -= step_size * part(m) / (part(v).sqrt() / correction + eps);
    if (zero_gradients) part(g).setZero();
  });
}

}  // namespace plainsight::plain
