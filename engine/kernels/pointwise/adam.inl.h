// Adam on four flat arrays, a vector at a time (contract: adam_kernels.h, derivation: docs/course/adam.md).
// The fused multiply-adds are where PyTorch's vectorised loops have them, so that the bits are PyTorch's.
#pragma once

#include "engine/kernels/simd/simd.inl.h"

// p after its step.
PLAINSIGHT_INLINE vf adam_moved(vf p, vf m, vf v, const AdamFactors& f) {
  return p - f.step_size * m / (sqrt(v) / f.sqrt_correction2 + f.eps);
}

static void adam_step(float* p, float* g, float* m, float* v, long n, const AdamFactors& f,
                      bool zero_gradients) {
  for_each_vector(n, [=](long i, long lanes) PLAINSIGHT_ALWAYS {
    const vf pk = load(p + i, lanes);
    const vf gk = fma(f.weight_decay, pk, load(g + i, lanes));
    const vf mk = fma(f.one_minus_beta1, gk, f.beta1 * load(m + i, lanes));
    const vf vk = fma(f.one_minus_beta2 * gk, gk, f.beta2 * load(v + i, lanes));
    store(m + i, mk, lanes);
    store(v + i, vk, lanes);
    store(p + i, adam_moved(pk, mk, vk, f), lanes);
    if (zero_gradients) store(g + i, vf{}, lanes);
  });
}

static void adam_idle_steps(float* p, float* m, float* v, long n, const AdamFactors* factors, long steps) {
  for_each_vector(n, [=](long i, long lanes) PLAINSIGHT_ALWAYS {
    vf pk = load(p + i, lanes), mk = load(m + i, lanes), vk = load(v + i, lanes);
    for (long s = 0; s < steps; ++s) {
      mk *= factors[s].beta1;
      vk *= factors[s].beta2;
      pk = adam_moved(pk, mk, vk, factors[s]);
    }
    store(p + i, pk, lanes);
    store(m + i, mk, lanes);
    store(v + i, vk, lanes);
  });
}
