#include "engine/tensor/tensor.h"

#include <cstring>

namespace plainsight {

Tensor Tensor::uninitialized(Shape shape) {
  Tensor t;
  t.buffer_ = allocate_floats_uninitialized(shape.size());
  t.shape_ = shape;
  return t;
}

Tensor Tensor::clone() const {
  Tensor copy = uninitialized(shape_);
  if (size() > 0) std::memcpy(copy.data(), data(), size() * sizeof(float));
  return copy;
}

}  // namespace plainsight
