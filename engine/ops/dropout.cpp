#include "engine/ops/dropout.h"

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/plain/dropout.h"

namespace plainsight {

void dropout_mask(View m, float p, TorchGenerator& generator) {
  require(p >= 0 && p < 1, "dropout: 0 <= p < 1 expected");
  const double keep = 1.0 - static_cast<double>(p);
  generator.bernoulli({m.data, static_cast<std::size_t>(m.size())}, keep);
  const auto scale = static_cast<float>(1.0 / keep);
  for (std::int64_t i = 0; i < m.size(); ++i) m[i] *= scale;
}

void dropout_forward(View y, ConstView x, ConstView m) {
  require(y.size() == x.size() && m.size() == x.size(), "dropout: sizes differ");
  if (engine() == Engine::plain) {
    return plain::dropout_forward(plain::row(y), plain::row(x), plain::row(m));
  }
  parallel_for(y.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) y[i] = x[i] * m[i];
  });
}

void dropout_backward(View dx, ConstView dy, ConstView m) {
  if (!dx) return;
  require(dx.size() == dy.size() && m.size() == dy.size(), "dropout: sizes differ");
  if (engine() == Engine::plain) {
    return plain::dropout_backward(plain::row(dx), plain::row(dy), plain::row(m));
  }
  parallel_for(dx.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) dx[i] += dy[i] * m[i];
  });
}

Var dropout(Tape& tape, Var x, float p, TorchGenerator& generator) {
  const View m = tape.allocate(x.value.shape);
  dropout_mask(m, p, generator);
  const View y = tape.allocate(x.value.shape);
  dropout_forward(y, x.value, m);
  const Var out = tape.result(y);
  tape.record([=] { dropout_backward(x.gradient, out.gradient, m); });
  return out;
}

}  // namespace plainsight
