#include "engine/check/op_checks.h"
#include "engine/ops/add.h"
#include "engine/ops/dropout.h"
#include "engine/ops/relu.h"
#include "engine/ops/tanh.h"
#include "engine/plain/add.h"
#include "engine/plain/dropout.h"
#include "engine/plain/relu.h"
#include "engine/plain/tanh.h"

namespace plainsight {

namespace {

template <class T>
Array<T> plain_relu(const Array<T>& x) {
  Array<T> y(x.shape());
  plain::relu_forward<T>(y.row(), x.row());
  return y;
}

template <class T>
Array<T> plain_tanh(const Array<T>& x) {
  Array<T> y(x.shape());
  plain::tanh_forward<T>(y.row(), x.row());
  return y;
}

}  // namespace

OpCheck relu_check(Size n) {
  OpCheck op = op_check(
      "relu " + Shape{n}.str(), {{n}}, 1,
      [](Tape& tape, const Parameters& p) { return relu(tape, var(p[0])); },
      [](const auto& in) { return plain_relu(in[0]); },
      [](Gradients& d, const Array<double>& dy, const Operands<double>& in) {
        const Array<double> y = plain_relu(in[0]);
        plain::relu_backward<double>(d[0].row(), dy.row(), y.row());
      });
  op.most_zeros = 0.8;  // half of the operands are negative
  return op;
}

OpCheck tanh_check(Size n) {
  return op_check(
      "tanh " + Shape{n}.str(), {{n}}, 1,
      [](Tape& tape, const Parameters& p) { return tanh(tape, var(p[0])); },
      [](const auto& in) { return plain_tanh(in[0]); },
      [](Gradients& d, const Array<double>& dy, const Operands<double>& in) {
        const Array<double> y = plain_tanh(in[0]);
        plain::tanh_backward<double>(d[0].row(), dy.row(), y.row());
      });
}

OpCheck add_check(Size N, Size D) {
  return op_check(
      "add " + Shape{N, D}.str(), {{N, D}, {N, D}}, 1,
      [](Tape& tape, const Parameters& p) { return add(tape, var(p[0]), var(p[1])); },
      []<class T>(const Operands<T>& in) {
        Array<T> y(in[0].shape());
        plain::add_forward<T>(y.row(), in[0].row(), in[1].row());
        return y;
      },
      [](Gradients& d, const Array<double>& dy, const Operands<double>&) {
        plain::add_backward<double>(d[0].row(), d[1].row(), dy.row());
      });
}

OpCheck dropout_check(Size n, float p_drop) {
  constexpr std::uint64_t kMaskSeed = 5;
  Tensor drawn({n});
  TorchGenerator mask_generator(kMaskSeed);
  dropout_mask(drawn, p_drop, mask_generator);
  const std::vector<double> mask(drawn.data(), drawn.data() + n);
  OpCheck op = op_check(
      "dropout " + Shape{n}.str(), {{n}}, 1,
      [=](Tape& tape, const Parameters& p) {
        TorchGenerator generator(kMaskSeed);
        return dropout(tape, var(p[0]), p_drop, generator);
      },
      [=]<class T>(const Operands<T>& in) {
        const Array<T> m({n}, mask);
        Array<T> y({n});
        plain::dropout_forward<T>(y.row(), in[0].row(), m.row());
        return y;
      },
      [=](Gradients& d, const Array<double>& dy, const Operands<double>&) {
        plain::dropout_backward<double>(d[0].row(), dy.row(), {mask.data(), n});
      });
  op.most_zeros = 0.6;
  return op;
}

}  // namespace plainsight
