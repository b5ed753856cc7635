#include "engine/ops/select_rows.h"

#include "engine/ops/embedding.h"

namespace plainsight {

Var select_rows(Tape& tape, Var x, std::span<const std::int32_t> rows) {
  const auto kept = tape.keep(rows);
  const View y = tape.allocate({static_cast<std::int64_t>(rows.size()), x.value.cols()});
  embedding_forward(y, kept, x.value);
  const Var out = tape.result(y);
  tape.record([=] { embedding_backward(x.gradient, out.gradient, kept); });
  return out;
}

}  // namespace plainsight
