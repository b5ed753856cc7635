#pragma once

#include "engine/plain/map.h"

// The largest element of each k x k window, windows s apart, no padding.
//   x[N·C, H·W]    y, argmax[N·C, OH·OW]
namespace plainsight::plain {

struct PoolSizes {
  Index H, W, kernel, stride;
  Index OH() const { return (H - kernel) / stride + 1; }
  Index OW() const { return (W - kernel) / stride + 1; }
};

/// y[c,(i,j)] = max over a,b < k of x[c,(s·i+a, s·j+b)]
/// argmax is the index in the plane: the first of equals, and a NaN counts as the largest (as in PyTorch).
/// A row of y at a time: branch-free loops over j, which the compiler vectorises.
template <class T>
void max_pool2d_forward(Map<T> y, std::int32_t* argmax, ConstMap<T> x, const PoolSizes& s) {
  const Index OH = s.OH(), OW = s.OW();
  for_each_row(x.rows() * OH, s.kernel * s.W, [&](Index row) {
    const Index c = row / OH, i = row % OH;
    T* largest = y.data() + row * OW;
    std::int32_t* best = argmax + row * OW;
    const T* plane = x.data() + c * x.cols();
    for (Index j = 0; j < OW; ++j) {
      best[j] = static_cast<std::int32_t>(s.stride * (i * s.W + j));
      largest[j] = plane[best[j]];
    }
    for (Index ab = 1; ab < s.kernel * s.kernel; ++ab) {
      const Index first = (s.stride * i + ab / s.kernel) * s.W + ab % s.kernel;
      for (Index j = 0; j < OW; ++j) {
        const T value = plane[first + s.stride * j];
        const bool better = Eigen::numext::real(value) > Eigen::numext::real(largest[j]) || value != value;
        largest[j] = better ? value : largest[j];
        best[j] = better ? static_cast<std::int32_t>(first + s.stride * j) : best[j];
      }
    }
  });
}

/// dx[c, argmax] += dy
template <class T>
void max_pool2d_backward(Map<T> dx, ConstMap<T> dy, const std::int32_t* argmax) {
  for_each_row(dy.rows(), dx.cols(), [&](Index c) {
    for (Index ij = 0; ij < dy.cols(); ++ij) dx(c, argmax[c * dy.cols() + ij]) += dy(c, ij);
  });
}

}  // namespace plainsight::plain
