#pragma once

#include <cstdint>
#include <span>

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"

namespace plainsight {

// A long short-term memory over whole sequences, torch.nn.LSTM with one layer. For each step t,
// with h₋₁ = h0, c₋₁ = c0:
//   [i f g o]ₜ = xₜ W_ihᵀ + b_ih + hₜ₋₁ W_hhᵀ + b_hh           four blocks of H columns
//   i = σ(i)  f = σ(f)  g = tanh(g)  o = σ(o)
//   cₜ = f cₜ₋₁ + i g        hₜ = o tanh(cₜ)
// backward, from the last step to the first, dh and dc carried along:
//   do = dh tanh(c)          dc += dh o (1 - tanh²(c))
//   di = dc g     df = dc cₜ₋₁     dg = dc i     dcₜ₋₁ = dc f
//   through the activations: di ·= i(1-i)   df ·= f(1-f)   dg ·= 1-g²   do ·= o(1-o)
//   dhₜ₋₁ = [di df dg do] W_hh
// and, once for all steps, with d = [di df dg do]:
//   dx += d W_ih    dW_ih += dᵀ x    dW_hh += dᵀ hₜ₋₁    db_ih += Σ d    db_hh += Σ d
//
// Sequences are packed as PyTorch's PackedSequence: sorted from the longest to the shortest, step after step;
// step t has rows for the first batch_sizes[t] sequences, so batch_sizes never grows and there are no masks.
//   x[R,I]  h[R,H]  R = Σ batch_sizes   h0,c0[B,H]  B = batch_sizes[0]   W_ih[4H,I]  W_hh[4H,H] b_ih,b_hh[4H]
// Saved: the activated gates [R,4H], c [R,H] and h. Two biases, as PyTorch's, since both are trained.

struct LstmInputs {
  ConstView x;
  ConstView h0, c0;  ///< empty: zero
  std::span<const std::int64_t> batch_sizes;
};

struct LstmWeights {
  ConstView W_ih, W_hh, b_ih, b_hh;
};

/// Results of forward, which backward reads again.
struct LstmStates {
  View h;
  View c;
  View gates;
};

/// The gradients that backward adds to; an empty view: not wanted.
struct LstmGradients {
  View x, h0, c0, W_ih, W_hh, b_ih, b_hh;
};

/// `scratch` lends memory and gets it back.
void lstm_forward(const LstmStates& out, const LstmInputs& in, const LstmWeights& w, Arena& scratch);
/// `dh` [R,H] is the gradient of every h.
void lstm_backward(const LstmGradients& d, ConstView dh, const LstmStates& saved, const LstmInputs& in,
                   const LstmWeights& w, Arena& scratch);

struct LstmParameters {
  Parameter weight_ih, weight_hh, bias_ih, bias_hh;
};

/// Returns h of every step [R,H]. h0 and c0 may be empty Vars: zero.
Var lstm(Tape& tape, Var x, Var h0, Var c0, std::span<const std::int64_t> batch_sizes,
         const LstmParameters& p);

}  // namespace plainsight
