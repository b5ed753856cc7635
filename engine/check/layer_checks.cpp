#include <algorithm>
#include <utility>

#include "engine/check/op_checks.h"
#include "engine/ops/conv2d.h"
#include "engine/ops/embedding.h"
#include "engine/ops/linear.h"
#include "engine/ops/max_pool2d.h"
#include "engine/ops/select_rows.h"
#include "engine/plain/conv2d.h"
#include "engine/plain/embedding.h"
#include "engine/plain/linear.h"
#include "engine/plain/max_pool2d.h"

namespace plainsight {

OpCheck linear_check(Size N, Size I, Size O) {
  return op_check(
      "linear " + Shape{N, I, O}.str(), {{N, I}, {O, I}, {O}}, std::max({N, I, O}),
      [](Tape& tape, const Parameters& p) { return linear(tape, var(p[0]), p[1], p[2]); },
      [=]<class T>(const Operands<T>& in) {
        Array<T> y({N, O});
        plain::linear_forward<T>(y.matrix(), in[0].matrix(), in[1].matrix(), in[2].row());
        return y;
      },
      [](Gradients& d, const Array<double>& dy, const Operands<double>& in) {
        plain::linear_backward<double>(d[0].matrix(), d[1].matrix(), d[2].row(), dy.matrix(), in[0].matrix(),
                                       in[1].matrix());
      });
}

OpCheck conv2d_check(const plain::ConvSizes& s) {
  return op_check(
      "conv2d " + Shape{s.N, s.C, s.H, s.W}.str() + "*" + Shape{s.O, s.C, s.k, s.l}.str(),
      {{s.N, s.C, s.H, s.W}, {s.O, s.C, s.k, s.l}, {s.O}},
      std::max({s.CK(), s.O * s.k * s.l, s.N * s.OH() * s.OW()}),
      [=](Tape& tape, const Parameters& p) {
        return conv2d(tape, var(p[0]), p[1], p[2], {.stride = s.stride, .padding = s.padding});
      },
      [=]<class T>(const Operands<T>& in) {
        Arena scratch;
        Array<T> y({s.N, s.O, s.OH(), s.OW()});
        plain::conv2d_forward<T>(y.matrix(), in[0].matrix(), in[1].matrix(), in[2].row(), s, scratch);
        return y;
      },
      [=](Gradients& d, const Array<double>& dy, const Operands<double>& in) {
        Arena scratch;
        plain::conv2d_backward<double>(d[0].matrix(), d[1].matrix(), d[2].row(), dy.matrix(), in[0].matrix(),
                                       in[1].matrix(), s, scratch);
      });
}

OpCheck max_pool2d_check(Size N, Size C, Size H, Size W, PoolShape pool) {
  const plain::PoolSizes s{H, W, pool.kernel, pool.stride};
  const auto forward = [=]<class T>(std::vector<std::int32_t>& argmax, const Array<T>& x) {
    Array<T> y({N * C, s.OH() * s.OW()});
    argmax.resize(y.size());
    plain::max_pool2d_forward<T>(y.matrix(), argmax.data(), {x.data(), N * C, H * W}, s);
    return y;
  };
  OpCheck op = op_check(
      "max_pool2d " + Shape{N, C, H, W}.str(), {{N, C, H, W}}, pool.kernel * pool.kernel,
      [=](Tape& tape, const Parameters& p) { return max_pool2d(tape, var(p[0]), pool); },
      [=](const auto& in) {
        std::vector<std::int32_t> argmax;
        return forward(argmax, in[0]);
      },
      [=](Gradients& d, const Array<double>& dy, const Operands<double>& in) {
        std::vector<std::int32_t> argmax;
        forward(argmax, in[0]);
        plain::max_pool2d_backward<double>({d[0].data(), N * C, H * W}, dy.matrix(), argmax.data());
      });
  op.most_zeros = 0.9;  // one of the k*k positions of a window gets the gradient
  return op;
}

namespace {

// A lookup of rows of W[V,E], as embedding or as select_rows.
OpCheck lookup_check(const std::string& name, std::function<Var(Tape&, const Parameters&)> record,
                     std::vector<std::int32_t> ids, std::int32_t padding_idx, Size V, Size E) {
  const Size N = static_cast<Size>(ids.size());
  OpCheck op = op_check(
      name + " " + Shape{N, V, E}.str(), {{V, E}}, N + 1, std::move(record),
      [=]<class T>(const Operands<T>& in) {
        Array<T> W = in[0], y({N, E});
        // The padding row is a constant: no derivative reaches it.
        if (padding_idx != kNoPadding && padding_idx < V) {
          auto padding = W.matrix().row(padding_idx);
          padding = padding.real().template cast<T>().eval();
        }
        plain::embedding_forward<T>(y.matrix(), ids, std::as_const(W).matrix());
        return y;
      },
      [=](Gradients& d, const Array<double>& dy, const Operands<double>&) {
        plain::embedding_backward<double>(d[0].matrix(), dy.matrix(), ids, padding_idx);
      });
  op.most_zeros = 0.5;  // rows that no id names, and the padding row
  return op;
}

}  // namespace

OpCheck embedding_check(std::vector<std::int32_t> ids, std::int32_t padding_idx, Size V, Size E) {
  return lookup_check(
      "embedding", [=](Tape& tape, const Parameters& p) { return embedding(tape, ids, p[0], padding_idx); },
      ids, padding_idx, V, E);
}

OpCheck select_rows_check(std::vector<std::int32_t> rows, Size R, Size D) {
  return lookup_check(
      "select_rows", [=](Tape& tape, const Parameters& p) { return select_rows(tape, var(p[0]), rows); },
      rows, kNoPadding, R, D);
}

}  // namespace plainsight
