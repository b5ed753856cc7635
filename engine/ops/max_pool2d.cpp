#include "engine/ops/max_pool2d.h"

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "engine/plain/max_pool2d.h"

namespace plainsight {

namespace {

// Index of the maximum of the window whose first element is plane[first].
std::int64_t argmax_of_window(const float* plane, std::int64_t first, std::int64_t width,
                              std::int64_t kernel) {
  std::int64_t best = first;
  for (std::int64_t a = 0; a < kernel; ++a) {
    for (std::int64_t b = 0; b < kernel; ++b) {
      const std::int64_t at = first + a * width + b;
      if (plane[at] > plane[best] || plane[at] != plane[at]) best = at;
    }
  }
  return best;
}

// [N,C,H,W] as a matrix of planes.
template <class V>
auto as_planes(V v) {
  return plain::matrix(v.reshaped({v.shape[0] * v.shape[1], v.shape[2] * v.shape[3]}));
}

}  // namespace

Shape max_pool2d_output(const Shape& x, PoolShape pool) {
  require(x.rank() == 4 && x[2] >= pool.kernel && x[3] >= pool.kernel,
          "max_pool2d: x[N,C,H,W] with H,W >= k expected");
  return {x[0], x[1], (x[2] - pool.kernel) / pool.stride + 1, (x[3] - pool.kernel) / pool.stride + 1};
}

void max_pool2d_forward(View y, std::int32_t* argmax, ConstView x, PoolShape pool) {
  require(y.shape == max_pool2d_output(x.shape, pool), "max_pool2d: y has another shape");
  if (engine() == Engine::plain) {
    const plain::PoolSizes sizes{x.shape[2], x.shape[3], pool.kernel, pool.stride};
    return plain::max_pool2d_forward(as_planes(y), argmax, as_planes(x), sizes);
  }
  const std::int64_t width = x.shape[3], plane = x.shape[2] * width;
  const std::int64_t rows = y.shape[2], cols = y.shape[3];
  parallel_for(x.shape[0] * x.shape[1], 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < cols; ++j) {
          const std::int64_t first = (i * width + j) * pool.stride;
          const std::int64_t at = argmax_of_window(x.data + c * plane, first, width, pool.kernel);
          const std::int64_t out = (c * rows + i) * cols + j;
          argmax[out] = static_cast<std::int32_t>(at);
          y[out] = x[c * plane + at];
        }
      }
    }
  });
}

void max_pool2d_backward(View dx, ConstView dy, const std::int32_t* argmax) {
  if (!dx) return;
  require(dx.shape.rank() == 4 && dy.shape.rank() == 4 && dx.shape[0] == dy.shape[0] &&
              dx.shape[1] == dy.shape[1],
          "max_pool2d: dx[N,C,H,W] and dy[N,C,..] expected");
  if (engine() == Engine::plain) {
    return plain::max_pool2d_backward(as_planes(dx), as_planes(dy), argmax);
  }
  const std::int64_t plane = dx.shape[2] * dx.shape[3], windows = dy.shape[2] * dy.shape[3];
  parallel_for(dx.shape[0] * dx.shape[1], 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      for (std::int64_t i = c * windows; i < (c + 1) * windows; ++i) dx[c * plane + argmax[i]] += dy[i];
    }
  });
}

Var max_pool2d(Tape& tape, Var x, PoolShape pool) {
  const View y = tape.allocate(max_pool2d_output(x.value.shape, pool));
  std::int32_t* argmax = tape.allocate_array<std::int32_t>(y.size());
  max_pool2d_forward(y, argmax, x.value, pool);
  const Var out = tape.result(y);
  tape.record([=] { max_pool2d_backward(x.gradient, out.gradient, argmax); });
  return out;
}

}  // namespace plainsight
