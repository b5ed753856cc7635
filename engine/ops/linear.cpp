#include "engine/ops/linear.h"

#include <algorithm>

#include "engine/kernels/gemm/gemm.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/pointwise/sum_rows.h"
#include "engine/plain/linear.h"

namespace plainsight {

void linear_forward(View y, ConstView x, ConstView W, ConstView b) {
  require(x.cols() == W.cols() && y.cols() == W.rows() && y.rows() == x.rows() && b.size() == W.rows(),
          "linear: x[N,I], W[O,I], b[O], y[N,O] expected");
  if (engine() == Engine::plain) {
    return plain::linear_forward(plain::matrix(y), plain::matrix(x), plain::matrix(W), plain::row(b));
  }
  for (std::int64_t n = 0; n < y.rows(); ++n) std::copy_n(b.data, b.size(), y.row(n));
  gemm(y, x, Trans::no, W, Trans::yes, Accumulate::yes);
}

void linear_backward(View dx, View dW, View db, ConstView dy, ConstView x, ConstView W) {
  require(x.cols() == W.cols() && dy.cols() == W.rows() && dy.rows() == x.rows(),
          "linear: dy[N,O], x[N,I], W[O,I] expected");
  require((!dx || (dx.rows() == x.rows() && dx.cols() == x.cols())) &&
              (!dW || (dW.rows() == W.rows() && dW.cols() == W.cols())) && (!db || db.size() == W.rows()),
          "linear: dx[N,I], dW[O,I], db[O] expected");
  if (engine() == Engine::plain) {
    return plain::linear_backward(plain::matrix(dx), plain::matrix(dW), plain::row(db), plain::matrix(dy),
                                  plain::matrix(x), plain::matrix(W));
  }
  if (dx) gemm(dx, dy, Trans::no, W, Trans::no, Accumulate::yes);
  if (dW) gemm(dW, dy, Trans::yes, x, Trans::no, Accumulate::yes);
  if (db) sum_rows(db, dy);
}

Var linear(Tape& tape, Var x, const Parameter& W, const Parameter& b) {
  const View y = tape.allocate({x.value.rows(), W.value.rows()});
  linear_forward(y, x.value, W.value, b.value);
  const Var out = tape.result(y);
  tape.record([=, W = W.value, dW = W.gradient, db = b.gradient] {
    linear_backward(x.gradient, dW, db, out.gradient, x.value, W);
  });
  return out;
}

}  // namespace plainsight
