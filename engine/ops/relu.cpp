#include "engine/ops/relu.h"

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/plain/relu.h"

namespace plainsight {

void relu_forward(View y, ConstView x) {
  require(y.size() == x.size(), "relu: sizes differ");
  if (engine() == Engine::plain) {
    return plain::relu_forward(plain::row(y), plain::row(x));
  }
  parallel_for(y.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    kernels().elementwise.relu(y.data + begin, x.data + begin, end - begin);
  });
}

void relu_backward(View dx, ConstView dy, ConstView y) {
  if (!dx) return;
  require(dx.size() == dy.size() && dx.size() == y.size(), "relu: sizes differ");
  if (engine() == Engine::plain) {
    return plain::relu_backward(plain::row(dx), plain::row(dy), plain::row(y));
  }
  parallel_for(dx.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    kernels().elementwise.relu_backward(dx.data + begin, dy.data + begin, y.data + begin, end - begin);
  });
}

Var relu(Tape& tape, Var x) {
  const View y = tape.allocate(x.value.shape);
  relu_forward(y, x.value);
  const Var out = tape.result(y);
  tape.record([=] { relu_backward(x.gradient, out.gradient, out.value); });
  return out;
}

}  // namespace plainsight
