#pragma once

namespace plainsight {

/// Elementwise over n >= 0 floats; an output may be an input. No operation calls exp and sigmoid: through
/// them tests and benchmarks reach those of vector_math.inl.h, which other kernels contain.
struct ElementwiseKernels {
  void (*exp)(float* y, const float* x, long n);                  ///< y = e^x, 1.1 ulp
  void (*tanh)(float* y, const float* x, long n);                 ///< y = tanh x, 1.5 ulp
  void (*sigmoid)(float* y, const float* x, long n);              ///< y = 1/(1 + e^-x), 2.5 ulp
  void (*add)(float* y, const float* a, const float* b, long n);  ///< y = a + b
  /// y = max(x, 0), but NaN stays NaN where max(NaN, 0) = 0 would hide it.
  void (*relu)(float* y, const float* x, long n);
  void (*relu_backward)(float* dx, const float* dy, const float* y, long n);  ///< dx += dy where y > 0
  void (*tanh_backward)(float* dx, const float* dy, const float* y, long n);  ///< dx += dy (1 - y^2)
};

}  // namespace plainsight
