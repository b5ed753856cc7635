#pragma once

#include "engine/base/memory.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// Owns float32 values: contiguous, row-major, 64-byte aligned, zero at first. Move-only; clone() copies.
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(Shape shape) : buffer_(allocate_floats(shape.size())), shape_(shape) {}
  /// Not set to zero: for results that are written in full.
  static Tensor uninitialized(Shape shape);
  Tensor clone() const;

  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return shape_.size(); }
  float* data() { return buffer_.get(); }
  const float* data() const { return buffer_.get(); }
  float& operator[](std::int64_t i) { return buffer_[i]; }
  float operator[](std::int64_t i) const { return buffer_[i]; }

  View view() { return {data(), shape_}; }
  ConstView view() const { return {data(), shape_}; }
  operator View() { return view(); }
  operator ConstView() const { return view(); }

 private:
  FloatBuffer buffer_;
  Shape shape_;
};

}  // namespace plainsight
