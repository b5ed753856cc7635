#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/base/error.h"
#include "engine/tensor/shape.h"

namespace plainsight {

/// A pointer and a shape over contiguous float32: what operations and kernels take. Trivially copyable, owns
/// nothing. An empty view (data == nullptr) as an output means "not wanted".
template <class T>
struct BasicView {
  T* data = nullptr;
  Shape shape;

  BasicView() = default;
  BasicView(T* d, Shape s) : data(d), shape(s) {}
  /// View -> ConstView.
  template <class U>
  requires std::is_same_v<const U, T> BasicView(const BasicView<U>& other)
      : data(other.data), shape(other.shape) {}

  explicit operator bool() const { return data != nullptr; }
  std::int64_t size() const { return shape.size(); }
  std::int64_t rows() const { return shape.rank() == 0 ? 1 : shape[0]; }
  std::int64_t cols() const { return shape.row_size(); }
  T& operator[](std::int64_t i) const { return data[i]; }
  T* row(std::int64_t i) const { return data + i * cols(); }
  /// Rows [begin, end) of the first dimension.
  BasicView slice(std::int64_t begin, std::int64_t end) const;
  /// The same elements in another shape of the same size.
  BasicView reshaped(Shape s) const {
    require(s.size() == size(), "reshaped: sizes differ");
    return {data, s};
  }
};

using View = BasicView<float>;
using ConstView = BasicView<const float>;

template <class T>
BasicView<T> BasicView<T>::slice(std::int64_t begin, std::int64_t end) const {
  require(shape.rank() >= 1 && 0 <= begin && begin <= end && end <= shape[0], "slice: out of range");
  const std::int64_t n = end - begin;
  switch (shape.rank()) {
    case 1: return {row(begin), {n}};
    case 2: return {row(begin), {n, shape[1]}};
    case 3: return {row(begin), {n, shape[1], shape[2]}};
    default: return {row(begin), {n, shape[1], shape[2], shape[3]}};
  }
}

}  // namespace plainsight
