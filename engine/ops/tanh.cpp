#include "engine/ops/tanh.h"

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/plain/tanh.h"

namespace plainsight {

void tanh_forward(View y, ConstView x) {
  require(y.size() == x.size(), "tanh: sizes differ");
  if (engine() == Engine::plain) {
    return plain::tanh_forward(plain::row(y), plain::row(x));
  }
  parallel_for(y.size(), 1 << 12, [&](std::int64_t begin, std::int64_t end) {
    kernels().elementwise.tanh(y.data + begin, x.data + begin, end - begin);
  });
}

void tanh_backward(View dx, ConstView dy, ConstView y) {
  if (!dx) return;
  require(dx.size() == dy.size() && dx.size() == y.size(), "tanh: sizes differ");
  if (engine() == Engine::plain) {
    return plain::tanh_backward(plain::row(dx), plain::row(dy), plain::row(y));
  }
  parallel_for(dx.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    kernels().elementwise.tanh_backward(dx.data + begin, dy.data + begin, y.data + begin, end - begin);
  });
}

Var tanh(Tape& tape, Var x) {
  const View y = tape.allocate(x.value.shape);
  tanh_forward(y, x.value);
  const Var out = tape.result(y);
  tape.record([=] { tanh_backward(x.gradient, out.gradient, out.value); });
  return out;
}

}  // namespace plainsight
