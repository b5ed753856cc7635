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
/// argmax is the place in the plane: the first of equals, and a NaN counts as the largest (as in PyTorch).
template <class T>
void max_pool2d_forward(Map<T> y, std::int32_t* argmax, ConstMap<T> x, const PoolSizes& s) {
  const Index OH = s.OH(), OW = s.OW();
  for_each_row(x.rows(), x.cols(), [&](Index c) {
    const auto plane = x.row(c);
    for (Index ij = 0; ij < OH * OW; ++ij) {
      const Index corner = ij / OW * s.stride * s.W + ij % OW * s.stride;
      Index best = corner;
      for (Index ab = 0; ab < s.kernel * s.kernel; ++ab) {
        const Index at = corner + ab / s.kernel * s.W + ab % s.kernel;
        const auto value = Eigen::numext::real(plane[at]);
        if (value > Eigen::numext::real(plane[best]) || value != value) best = at;
      }
      argmax[c * OH * OW + ij] = static_cast<std::int32_t>(best);
      y(c, ij) = plane[best];
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
