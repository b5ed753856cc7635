#include "engine/autograd/tape.h"

#include <algorithm>

namespace plainsight {

View Tape::allocate(Shape shape) { return {arena_.allocate_array<float>(shape.size()), shape}; }

Var Tape::result(View value) {
  if (!records_) return {value, {}};
  const View gradient = allocate(value.shape);
  std::fill_n(gradient.data, gradient.size(), 0.0f);
  return {value, gradient};
}

void Tape::backward(Var y, ConstView dy) {
  require(static_cast<bool>(y.gradient), "backward: the value has no gradient");
  if (dy) {
    require(dy.size() == y.gradient.size(), "backward: gradient and value differ in size");
    std::copy_n(dy.data, dy.size(), y.gradient.data);
  } else {
    std::fill_n(y.gradient.data, y.gradient.size(), 1.0f);
  }
  for (Step* step = last_; step != nullptr; step = step->previous) step->run(step);
}

void Tape::clear() {
  arena_.reset();
  scratch_.reset();
  last_ = nullptr;
}

}  // namespace plainsight
