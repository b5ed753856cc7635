// Elementwise functions of arrays (contract: elementwise_kernels.h). Each handles a last vector of fewer
// lanes like a full one, so an element's bits do not depend on its position.
#pragma once

#include "engine/kernels/simd/vector_math.inl.h"

static void exp_of(float* y, const float* x, long n) {
  for_each_vector(
      n, [=](long i, long lanes) PLAINSIGHT_ALWAYS { store(y + i, exp(load(x + i, lanes)), lanes); });
}

static void tanh_of(float* y, const float* x, long n) {
  for_each_vector(
      n, [=](long i, long lanes) PLAINSIGHT_ALWAYS { store(y + i, tanh(load(x + i, lanes)), lanes); });
}

static void sigmoid_of(float* y, const float* x, long n) {
  for_each_vector(
      n, [=](long i, long lanes) PLAINSIGHT_ALWAYS { store(y + i, sigmoid(load(x + i, lanes)), lanes); });
}

static void add(float* y, const float* a, const float* b, long n) {
  for_each_vector(n, [=](long i, long lanes)
                         PLAINSIGHT_ALWAYS { store(y + i, load(a + i, lanes) + load(b + i, lanes), lanes); });
}

// max(x, 0), except that NaN stays NaN: the comparison is false for it.
static void relu(float* y, const float* x, long n) {
  long i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    const vf v = load(x + i);
    store(y + i, v <= 0.0f ? vf{} : v);
  }
  for (; i < n; ++i) y[i] = x[i] <= 0.0f ? 0.0f : x[i];
}

static void relu_backward(float* dx, const float* dy, const float* y, long n) {
  for_each_vector(n, [=](long i, long lanes) PLAINSIGHT_ALWAYS {
    const vf d = load(dy + i, lanes);
    store(dx + i, load(dx + i, lanes) + (load(y + i, lanes) > 0.0f ? d : vf{}), lanes);
  });
}

static void tanh_backward(float* dx, const float* dy, const float* y, long n) {
  for_each_vector(n, [=](long i, long lanes) PLAINSIGHT_ALWAYS {
    const vf t = load(y + i, lanes);
    store(dx + i, fma(load(dy + i, lanes), fma(-t, t, broadcast(1.0f)), load(dx + i, lanes)), lanes);
  });
}
