#pragma once

namespace plainsight {

/// The scalars of a step of Adam, in the float32 in which torch hands them to its loops.
struct AdamFactors {
  float beta1, one_minus_beta1, beta2, one_minus_beta2, eps, weight_decay;
  float step_size;         ///< lr / (1 - beta1^t)
  float sqrt_correction2;  ///< sqrt(1 - beta2^t)
};

struct AdamKernels {
  /// One step over n elements, each read and written once:
  ///   g += weight_decay p    m = beta1 m + (1-beta1) g    v = beta2 v + (1-beta2) g^2
  ///   p -= step_size m / (sqrt(v) / sqrt_correction2 + eps)
  /// and g = 0 afterwards when zero_gradients.
  void (*step)(float* p, float* g, float* m, float* v, long n, const AdamFactors& f, bool zero_gradients);
  /// Lazy Adam: the bits of `steps` calls of step() with g = 0 and weight_decay = 0, while p, m and v stay in
  /// registers; factors[s] belong to step s.
  void (*idle_steps)(float* p, float* m, float* v, long n, const AdamFactors* factors, long steps);
};

}  // namespace plainsight
