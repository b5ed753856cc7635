// exp, tanh and the logistic function on vectors. Errors are in units of the result's last place (ulp) and
// hold for every float: tests/engine/kernels/vector_math_test.cpp measures them. tests/reference/minimax.py
// computes the polynomials by Remez's algorithm and checks the coefficients below against them.
#pragma once

#include "engine/kernels/simd/simd.inl.h"

// c0 + c1 x + ... + c4 x^4 by Horner's rule.
PLAINSIGHT_INLINE vf polynomial(vf x, float c0, float c1, float c2, float c3, float c4) {
  vf p = fma(c4, x, broadcast(c3));
  p = fma(p, x, broadcast(c2));
  p = fma(p, x, broadcast(c1));
  return fma(p, x, broadcast(c0));
}

// e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln(2)/2, and e^r = 1 + r + r^2 P(r), P minimax of degree
// 4 (relative error 0.06 of 2^-24). At most 1.1 ulp; overflows to infinity, underflows gradually, NaN
// stays NaN.
PLAINSIGHT_INLINE vf exp(vf x) {
  // Beyond these, the result is 0 or infinity anyway; written so that NaN passes.
  x = x < -104.0f ? broadcast(-104.0f) : x;
  x = x > 89.0f ? broadcast(89.0f) : x;
  // Adding 1.5 * 2^23 rounds to an integer.
  const vf shifter = broadcast(12582912.0f);
  const vf n = fma(1.44269504f, x, shifter) - shifter;
  // ln 2 in two parts; n times the first is exact.
  const vf r = fma(2.12194440e-4f, n, fma(-0.693359375f, n, x));
  const vf p = polynomial(r, 0.49999994f, 0.16666521f, 0.04166839f, 0.008368745f, 0.0013814539f);
  return scale_by_power_of_two(1.0f + fma(r * r, p, r), n);
}

// 1 / (1 + e^-x). At most 2.5 ulp while the result is normal; 0 below about -88.
PLAINSIGHT_INLINE vf sigmoid(vf x) { return 1.0f / (1.0f + exp(-x)); }

// Near zero x + x^3 P(x^2), P minimax of degree 4 (relative error 0.07 of 2^-24); otherwise 1 - 2 / (e^2|x| +
// 1), with the sign of x. At most 1.5 ulp.
PLAINSIGHT_INLINE vf tanh(vf x) {
  const vi sign = as_ints(x) & static_cast<int>(0x80000000u);
  const vf a = as_floats(as_ints(x) ^ sign);
  const vf y = x * x;
  const vf p = polynomial(y, -0.33333316f, 0.13332586f, -0.05385231f, 0.021071678f, -0.006274239f);
  const vf small = fma(a * y, p, a);
  const vf large = 1.0f - 2.0f / (exp(a + a) + 1.0f);
  return as_floats(as_ints(a < 0.55f ? small : large) | sign);
}
