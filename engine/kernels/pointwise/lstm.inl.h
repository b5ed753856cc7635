// The elementwise part of one LSTM step, forward and backward, in one pass over each row (contract:
// lstm_kernels.h, equations: docs/course/lstm.md). A row of gates is [i f g o], H values each. k is the
// hidden unit.
#pragma once

#include "engine/kernels/simd/vector_math.inl.h"

// Activations, c = f c_prev + i g, h = o tanh(c). c_prev is null where the initial state is zero.
static void lstm_forward(float* gates, float* c, float* h, const float* c_prev, long rows, long H) {
  for (long row = 0; row < rows; ++row, gates += 4 * H, c += H, h += H) {
    float *pi = gates, *pf = gates + H, *pg = gates + 2 * H, *po = gates + 3 * H;
    for_each_vector(H, [=](long k, long lanes) PLAINSIGHT_ALWAYS {
      const vf i = sigmoid(load(pi + k, lanes)), f = sigmoid(load(pf + k, lanes));
      const vf g = tanh(load(pg + k, lanes)), o = sigmoid(load(po + k, lanes));
      const vf ck = c_prev != nullptr ? fma(f, load(c_prev + k, lanes), i * g) : i * g;
      store(pi + k, i, lanes);
      store(pf + k, f, lanes);
      store(pg + k, g, lanes);
      store(po + k, o, lanes);
      store(c + k, ck, lanes);
      store(h + k, o * tanh(ck), lanes);
    });
    if (c_prev != nullptr) c_prev += H;
  }
}

// From dh and dc: dgates before the activations, and dc of the previous step. c_prev is null at the
// first step.
static void lstm_backward(float* dgates, float* dc, const float* dh, const float* gates, const float* c,
                          const float* c_prev, long rows, long H) {
  for (long row = 0; row < rows; ++row, dgates += 4 * H, dc += H, dh += H, gates += 4 * H, c += H) {
    for_each_vector(H, [=](long k, long lanes) PLAINSIGHT_ALWAYS {
      const vf i = load(gates + k, lanes), f = load(gates + H + k, lanes);
      const vf g = load(gates + 2 * H + k, lanes), o = load(gates + 3 * H + k, lanes);
      const vf dhk = load(dh + k, lanes), tanh_c = tanh(load(c + k, lanes));
      const vf dck = fma(dhk * o, fma(-tanh_c, tanh_c, broadcast(1.0f)), load(dc + k, lanes));
      const vf cp = c_prev != nullptr ? load(c_prev + k, lanes) : vf{};
      store(dgates + k, dck * g * (i * (1.0f - i)), lanes);
      store(dgates + H + k, dck * cp * (f * (1.0f - f)), lanes);
      store(dgates + 2 * H + k, dck * i * (1.0f - g * g), lanes);
      store(dgates + 3 * H + k, dhk * tanh_c * (o * (1.0f - o)), lanes);
      store(dc + k, dck * f, lanes);
    });
    if (c_prev != nullptr) c_prev += H;
  }
}
