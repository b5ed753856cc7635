#include "engine/ops/add.h"

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/plain/add.h"

namespace plainsight {

void add_forward(View y, ConstView a, ConstView b) {
  require(y.size() == a.size() && y.size() == b.size(), "add: sizes differ");
  if (engine() == Engine::plain) {
    return plain::add_forward(plain::row(y), plain::row(a), plain::row(b));
  }
  parallel_for(y.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
    kernels().elementwise.add(y.data + begin, a.data + begin, b.data + begin, end - begin);
  });
}

void add_backward(View da, View db, ConstView dy) {
  require((!da || da.size() == dy.size()) && (!db || db.size() == dy.size()), "add: sizes differ");
  if (engine() == Engine::plain) {
    return plain::add_backward(plain::row(da), plain::row(db), plain::row(dy));
  }
  for (const View dx : {da, db}) {
    if (!dx) continue;
    parallel_for(dx.size(), 1 << 15, [&](std::int64_t begin, std::int64_t end) {
      kernels().elementwise.add(dx.data + begin, dx.data + begin, dy.data + begin, end - begin);
    });
  }
}

Var add(Tape& tape, Var a, Var b) {
  require(a.value.shape == b.value.shape, "add: shapes differ");
  const View y = tape.allocate(a.value.shape);
  add_forward(y, a.value, b.value);
  const Var out = tape.result(y);
  tape.record([=] { add_backward(a.gradient, b.gradient, out.gradient); });
  return out;
}

}  // namespace plainsight
