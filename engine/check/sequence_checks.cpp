#include <algorithm>
#include <numeric>
#include <span>

#include "engine/check/op_checks.h"
#include "engine/ops/linear_cross_entropy.h"
#include "engine/ops/lstm.h"
#include "engine/plain/label_smoothing.h"
#include "engine/plain/linear_cross_entropy.h"
#include "engine/plain/lstm.h"

namespace plainsight {

namespace {

// The plain LSTM on operands {x, h0, c0, W_ih, W_hh, b_ih, b_hh}; without initial states, these are zero.
template <class T>
struct PlainLstm {
  PlainLstm(const Operands<T>& in, std::span<const Size> batch_sizes)
      : R(in[0].shape()[0]),
        H(in[4].shape()[1]),
        B(batch_sizes.empty() ? 0 : batch_sizes[0]),
        zero({B, H}),
        h({R, H}),
        c({R, H}),
        gates({R, 4 * H}),
        inputs{in[0].matrix(), initial(in[1]), initial(in[2]), batch_sizes},
        weights{in[3].matrix(), in[4].matrix(), in[5].row(), in[6].row()},
        states{h.matrix(), c.matrix(), gates.matrix()} {
    plain::lstm_forward<T>(states, inputs, weights);
  }
  plain::ConstMap<T> initial(const Array<T>& state) const {
    return {state.size() > 0 ? state.data() : zero.data(), B, H};
  }
  Size R, H, B;
  Array<T> zero, h, c, gates;
  plain::LstmInputs<T> inputs;
  plain::LstmWeights<T> weights;
  plain::LstmStates<T> states;
};

}  // namespace

OpCheck lstm_check(std::vector<Size> batch_sizes, Size I, Size H, bool initial_states) {
  const Size R = std::accumulate(batch_sizes.begin(), batch_sizes.end(), Size{0});
  const Size B = initial_states && !batch_sizes.empty() ? batch_sizes[0] : 0;
  return op_check(
      "lstm " + Shape{R, I, H}.str() + (initial_states ? ", h0 and c0" : ""),
      {{R, I}, {B, H}, {B, H}, {4 * H, I}, {4 * H, H}, {4 * H}, {4 * H}}, std::max({R, I + H, 4 * H}),
      [=](Tape& tape, const Parameters& p) {
        const Var h0 = initial_states ? var(p[1]) : Var(), c0 = initial_states ? var(p[2]) : Var();
        return lstm(tape, var(p[0]), h0, c0, batch_sizes, {p[3], p[4], p[5], p[6]});
      },
      [=]<class T>(const Operands<T>& in) { return PlainLstm<T>(in, batch_sizes).h; },
      [=](Gradients& d, const Array<double>& dy, const Operands<double>& in) {
        Arena scratch;
        const PlainLstm<double> lstm(in, batch_sizes);
        const auto state = [&](std::size_t k) {
          return initial_states ? d[k].matrix() : plain::Map<double>({nullptr, B, H});
        };
        plain::lstm_backward<double>(
            {d[0].matrix(), state(1), state(2), d[3].matrix(), d[4].matrix(), d[5].row(), d[6].row()},
            dy.matrix(), lstm.states, lstm.inputs, lstm.weights, scratch);
      });
}

OpCheck linear_cross_entropy_check(std::vector<std::int32_t> targets, Size H, Size V, float label_smoothing,
                                   std::vector<float> weights) {
  const auto N = static_cast<Size>(targets.size());
  const auto loss = [=]<class T>(plain::Map<T> dx, plain::Map<T> dW, plain::RowMap<T> db,
                                 const Operands<T>& in) {
    Arena scratch;
    return plain::linear_cross_entropy<T>(dx, dW, db, in[0].matrix(), in[1].matrix(), in[2].row(), targets, 0,
                                          scratch, weights) +
           plain::label_smoothing<T>(dx, dW, db, in[0].matrix(), in[1].matrix(), in[2].row(), targets, 0,
                                     T(double(label_smoothing)));
  };
  OpCheck op = op_check(
      "linear_cross_entropy " + Shape{N, H, V}.str() + (label_smoothing > 0 ? ", smoothed labels" : "") +
          (weights.empty() ? "" : ", weighted"),
      {{N, H}, {V, H}, {V}}, std::max({N, H, V}),
      [=](Tape& tape, const Parameters& p) {
        return linear_cross_entropy(tape, var(p[0]), p[1], p[2], targets, 0, label_smoothing, weights);
      },
      [=]<class T>(const Operands<T>& in) {
        return Array<T>({1}, std::vector<T>{loss.template operator()<T>({nullptr, N, H}, {nullptr, V, H},
                                                                        {nullptr, V}, in)});
      },
      [=](Gradients& d, const Array<double>&, const Operands<double>& in) {
        loss.template operator()<double>(d[0].matrix(), d[1].matrix(), d[2].row(), in);
      });
  op.most_zeros = 0.4;  // rows that are ignored
  return op;
}

}  // namespace plainsight
