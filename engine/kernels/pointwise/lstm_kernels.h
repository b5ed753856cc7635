#pragma once

namespace plainsight {

/// The elementwise part of one LSTM step for `rows` sequences. Gates are rows of 4H in torch's order i f g o;
/// everything else has rows of H.
struct LstmKernels {
  /// i = sigma(i) f = sigma(f) g = tanh(g) o = sigma(o)      c = f c_prev + i g      h = o tanh(c)
  /// gates[rows,4H]: sums in, activated gates out. c_prev may be nullptr: zeros; it may be c.
  void (*forward)(float* gates, float* c, float* h, const float* c_prev, long rows, long H);
  /// With dh the whole gradient of h, and dc that of c from later steps:
  ///   do = dh tanh(c)   dc += dh o (1 - tanh(c)^2)   di = dc g   df = dc c_prev   dg = dc i   dc <- dc f
  /// and through the activations: di i(1-i)   df f(1-f)   dg (1-g^2)   do o(1-o).
  /// dgates[rows,4H] is written; dc leaves as the gradient of c_prev.
  void (*backward)(float* dgates, float* dc, const float* dh, const float* gates, const float* c,
                   const float* c_prev, long rows, long H);
};

}  // namespace plainsight
