#pragma once

#include <numeric>
#include <span>

#include "engine/plain/linear.h"

// A long short-term memory over whole sequences, torch.nn.LSTM with one layer. Sequences are sorted from the
// longest to the shortest and packed step after step: step t has a row for each of the first batch_sizes[t].
//   x[R,I]  h,c[R,H]  gates[R,4H]  R = Σ batch_sizes    h0,c0[B,H]  B = batch_sizes[0]
//   W_ih[4H,I]  W_hh[4H,H]  b_ih,b_hh[4H]
namespace plainsight::plain {

template <class T>
struct LstmInputs {
  ConstMap<T> x, h0, c0;
  std::span<const std::int64_t> batch_sizes;
};
template <class T>
struct LstmWeights {
  ConstMap<T> W_ih, W_hh;
  ConstRowMap<T> b_ih, b_hh;
};
/// Computed by forward, read by backward. The gates are stored after their activation: i, f, g, o.
template <class T>
struct LstmStates {
  Map<T> h, c, gates;
};
template <class T>
struct LstmGradients {
  Map<T> x, h0, c0, W_ih, W_hh;
  RowMap<T> b_ih, b_hh;
};

template <class A>
auto sigmoid(const A& x) {
  using T = typename A::Scalar;
  return ((-x).exp() + T(1)).inverse();
}

/// Step t: rows [begin, begin + count) of the packed matrices.
struct LstmStep {
  Index begin, count, begin_prev;  // begin_prev: where the rows of step t-1 begin, -1 for the first step

  template <class M>
  auto of(M& packed) const {
    return packed.middleRows(begin, count);
  }
  /// The state of step t-1 of those sequences that go on.
  template <class T, class M>
  ConstMap<T> previous(const M& packed, ConstMap<T> initial) const {
    const T* data = begin_prev < 0 ? initial.data() : packed.data() + begin_prev * packed.cols();
    return {data, count, packed.cols()};
  }
};

inline LstmStep lstm_step(std::span<const std::int64_t> batch_sizes, std::size_t t) {
  const Index begin = std::accumulate(batch_sizes.begin(), batch_sizes.begin() + std::ptrdiff_t(t), Index{0});
  return {begin, batch_sizes[t], t == 0 ? -1 : begin - batch_sizes[t - 1]};
}

/// For each step t, with Eigen's vectorised tanh (it errs most near ±1, where g and tanh c seldom are):
///   [i f g o] = xₜ W_ihᵀ + b_ih + hₜ₋₁ W_hhᵀ + b_hh        i = σ(i)  f = σ(f)  g = tanh(g)  o = σ(o)
///   cₜ = f cₜ₋₁ + i g        hₜ = o tanh(cₜ)
template <class T>
void lstm_forward(LstmStates<T> out, const LstmInputs<T>& in, const LstmWeights<T>& w) {
  const Index H = w.W_hh.cols();
  linear_forward<T>(out.gates, in.x, w.W_ih, w.b_ih);
  for (std::size_t t = 0; t < in.batch_sizes.size(); ++t) {
    const LstmStep step = lstm_step(in.batch_sizes, t);
    const auto h_prev = step.previous<T>(out.h, in.h0), c_prev = step.previous<T>(out.c, in.c0);
    step.of(out.gates).noalias() += h_prev * w.W_hh.transpose();
    for_each_row(step.count, 4 * H, [&](Index n) {
      auto gates = out.gates.row(step.begin + n);
      gates += w.b_hh;
      auto i = gates.segment(0, H).array(), f = gates.segment(H, H).array();
      auto g = gates.segment(2 * H, H).array(), o = gates.segment(3 * H, H).array();
      auto c = out.c.row(step.begin + n).array(), h = out.h.row(step.begin + n).array();
      i = sigmoid(i);
      f = sigmoid(f);
      g = g.tanh();
      o = sigmoid(o);
      c = f * c_prev.row(n).array() + i * g;
      h = o * c.tanh();
    });
  }
}

/// From the last step to the first, with dhₜ = the given dh of that step plus the gradient from step t+1:
///   do = dh tanh(c) o(1-o)    dc += dh o (1 - tanh²(c))
///   di = dc g i(1-i)    df = dc cₜ₋₁ f(1-f)    dg = dc i (1-g²)
///   dcₜ₋₁ = dc f        dhₜ₋₁ = [di df dg do] W_hh
/// and for all steps at once, with d = [di df dg do]:
///   dx += d W_ih    dW_ih += dᵀ x    dW_hh += dᵀ hₜ₋₁    db_ih += Σ d    db_hh += Σ d
template <class T>
void lstm_backward(LstmGradients<T> grad, ConstMap<T> dh_given, const LstmStates<T>& saved,
                   const LstmInputs<T>& in, const LstmWeights<T>& w, Arena& scratch) {
  const ArenaScope scope(scratch);
  const Index R = in.x.rows(), H = w.W_hh.cols(), B = in.h0.rows();
  Map<T> d = matrix_in<T>(scratch, R, 4 * H), h_before = matrix_in<T>(scratch, R, H);
  Map<T> dh_carried = matrix_in<T>(scratch, B, H), dc_carried = matrix_in<T>(scratch, B, H);
  dh_carried.setZero();  // a sequence that ends before the others joins with zeros
  dc_carried.setZero();
  for (std::size_t t = in.batch_sizes.size(); t-- > 0;) {
    const LstmStep step = lstm_step(in.batch_sizes, t);
    const auto h_prev = step.previous<T>(saved.h, in.h0), c_prev = step.previous<T>(saved.c, in.c0);
    step.of(h_before) = h_prev;
    for_each_row(step.count, 4 * H, [&](Index n) {
      const Index r = step.begin + n;
      const auto gates = saved.gates.row(r);
      const auto i = gates.segment(0, H).array(), f = gates.segment(H, H).array();
      const auto g = gates.segment(2 * H, H).array(), o = gates.segment(3 * H, H).array();
      const auto c = saved.c.row(r).array();
      auto di = d.row(r).segment(0, H).array(), df = d.row(r).segment(H, H).array();
      auto dg = d.row(r).segment(2 * H, H).array(), do_ = d.row(r).segment(3 * H, H).array();
      auto dh = dh_carried.row(n).array(), dc = dc_carried.row(n).array();
      dh += dh_given.row(r).array();
      do_ = dh * c.tanh() * o * (T(1) - o);
      dc += dh * o * (T(1) - c.tanh().square());
      di = dc * g * i * (T(1) - i);
      df = dc * c_prev.row(n).array() * f * (T(1) - f);
      dg = dc * i * (T(1) - g.square());
      dc *= f;
    });
    dh_carried.topRows(step.count).noalias() = step.of(d) * w.W_hh;
  }
  if (wanted(grad.h0)) grad.h0 += dh_carried;
  if (wanted(grad.c0)) grad.c0 += dc_carried;
  const ConstMap<T> dd(d.data(), R, 4 * H), hh(h_before.data(), R, H);
  linear_backward<T>(grad.x, grad.W_ih, grad.b_ih, dd, in.x, w.W_ih);
  linear_backward<T>({nullptr, R, H}, grad.W_hh, grad.b_hh, dd, hh, w.W_hh);
}

}  // namespace plainsight::plain
