#include "engine/ops/conv2d.h"

#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/kernels/gemm/gemm.h"
#include "engine/kernels/isa/engine.h"
#include "engine/plain/conv2d.h"

namespace plainsight {

namespace {

// One image's part of the product, in the header's letters.
struct Places {
  std::int64_t C, H, W, k, l, OH, OW;
  ConvStep step;

  Places(const Shape& x, const Shape& weight, const Shape& y, ConvStep s)
      : C(x[1]), H(x[2]), W(x[3]), k(weight[2]), l(weight[3]), OH(y[2]), OW(y[3]), step(s) {}
  std::int64_t CK() const { return C * k * l; }
  std::int64_t P() const { return OH * OW; }

  // The output columns [begin, end) of one row that read inside the image at kernel column b.
  std::int64_t first_inside(std::int64_t b) const {
    return std::clamp<std::int64_t>((step.padding - b + step.stride - 1) / step.stride, 0, OW);
  }
  std::int64_t end_inside(std::int64_t b) const {
    const std::int64_t room = W - 1 + step.padding - b;
    return room < 0 ? 0 : std::clamp<std::int64_t>(room / step.stride + 1, 0, OW);
  }
};

// col[CK,P] of one image x[C,H,W].
void im2col(float* col, const float* x, const Places& g) {
  parallel_for(g.CK(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t b = row % g.l, a = row / g.l % g.k, c = row / (g.l * g.k);
      const std::int64_t first = g.first_inside(b), last = std::max(first, g.end_inside(b));
      for (std::int64_t i = 0; i < g.OH; ++i) {
        float* out = col + row * g.P() + i * g.OW;
        const std::int64_t y = i * g.step.stride + a - g.step.padding;
        if (y < 0 || y >= g.H) {
          std::fill_n(out, g.OW, 0.0f);
          continue;
        }
        const std::int64_t at = (c * g.H + y) * g.W + b - g.step.padding;
        std::fill_n(out, first, 0.0f);
        for (std::int64_t j = first; j < last; ++j) out[j] = x[at + j * g.step.stride];
        std::fill(out + last, out + g.OW, 0.0f);
      }
    }
  });
}

// Adds dcol[CK,P] back to where im2col read it. Channels are shared out among threads: each dx has
// one writer.
void col2im(float* dx, const float* dcol, const Places& g) {
  parallel_for(g.C, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin * g.k * g.l; row < end * g.k * g.l; ++row) {
      const std::int64_t b = row % g.l, a = row / g.l % g.k, c = row / (g.l * g.k);
      const std::int64_t first = g.first_inside(b), last = g.end_inside(b);
      for (std::int64_t i = 0; i < g.OH; ++i) {
        const std::int64_t y = i * g.step.stride + a - g.step.padding;
        if (y < 0 || y >= g.H) continue;
        const float* in = dcol + row * g.P() + i * g.OW;
        const std::int64_t at = (c * g.H + y) * g.W + b - g.step.padding;
        for (std::int64_t j = first; j < last; ++j) dx[at + j * g.step.stride] += in[j];
      }
    }
  });
}

plain::ConvSizes sizes_of(const Shape& x, const Shape& W, ConvStep step) {
  return {x[0], x[1], x[2], x[3], W[0], W[2], W[3], step.stride, step.padding};
}

}  // namespace

Shape conv2d_output(const Shape& x, const Shape& W, ConvStep step) {
  require(x.rank() == 4 && W.rank() == 4 && x[1] == W[1], "conv2d: x[N,C,H,W], W[O,C,k,l] expected");
  const std::int64_t height = x[2] + 2 * step.padding - W[2], width = x[3] + 2 * step.padding - W[3];
  require(height >= 0 && width >= 0, "conv2d: the kernel is larger than the padded image");
  return {x[0], W[0], height / step.stride + 1, width / step.stride + 1};
}

void conv2d_forward(View y, ConstView x, ConstView W, ConstView b, ConvStep step, Arena& scratch) {
  require(y.shape == conv2d_output(x.shape, W.shape, step) && b.size() == W.rows(),
          "conv2d: y or b has another shape");
  if (engine() == Engine::plain) {
    return plain::conv2d_forward(plain::matrix(y), plain::matrix(x), plain::matrix(W), plain::row(b),
                                 sizes_of(x.shape, W.shape, step), scratch);
  }
  const Places g(x.shape, W.shape, y.shape, step);
  const ArenaScope scope(scratch);
  const View col(scratch.allocate_array<float>(g.CK() * g.P()), {g.CK(), g.P()});
  for (std::int64_t n = 0; n < x.rows(); ++n) {
    im2col(col.data, x.row(n), g);
    const View yn(y.row(n), {W.rows(), g.P()});
    for (std::int64_t o = 0; o < W.rows(); ++o) std::fill_n(yn.row(o), g.P(), b[o]);
    gemm(yn, W.reshaped({W.rows(), g.CK()}), Trans::no, col, Trans::no, Accumulate::yes);
  }
}

void conv2d_backward(View dx, View dW, View db, ConstView dy, ConstView x, ConstView W, ConvStep step,
                     Arena& scratch) {
  require(dy.shape == conv2d_output(x.shape, W.shape, step) && (!dx || dx.shape == x.shape) &&
              (!dW || dW.shape == W.shape) && (!db || db.size() == W.rows()),
          "conv2d: dy, dx, dW or db has another shape");
  if (engine() == Engine::plain) {
    return plain::conv2d_backward(plain::matrix(dx), plain::matrix(dW), plain::row(db), plain::matrix(dy),
                                  plain::matrix(x), plain::matrix(W), sizes_of(x.shape, W.shape, step),
                                  scratch);
  }
  const Places g(x.shape, W.shape, dy.shape, step);
  const std::int64_t O = W.rows();
  const ArenaScope scope(scratch);
  const View col(scratch.allocate_array<float>(g.CK() * g.P()), {g.CK(), g.P()});
  for (std::int64_t n = 0; n < x.rows(); ++n) {
    const ConstView dyn(dy.row(n), {O, g.P()});
    if (dW) {
      im2col(col.data, x.row(n), g);
      gemm(dW.reshaped({O, g.CK()}), dyn, Trans::no, col, Trans::yes, Accumulate::yes);
    }
    if (db) {
      for (std::int64_t o = 0; o < O; ++o) {
        // Summed in double: a plane of 224x224 floats summed one by one would lose four decimal places.
        double sum = 0;
        for (std::int64_t p = 0; p < g.P(); ++p) sum += static_cast<double>(dyn.row(o)[p]);
        db[o] += static_cast<float>(sum);
      }
    }
    if (dx) {
      gemm(col, W.reshaped({O, g.CK()}), Trans::yes, dyn, Trans::no, Accumulate::no);
      col2im(dx.row(n), col.data, g);
    }
  }
}

Var conv2d(Tape& tape, Var x, const Parameter& W, const Parameter& b, ConvStep step) {
  const View y = tape.allocate(conv2d_output(x.value.shape, W.value.shape, step));
  conv2d_forward(y, x.value, W.value, b.value, step, tape.scratch());
  const Var out = tape.result(y);
  tape.record([=, &scratch = tape.scratch(), W = W.value, dW = W.gradient, db = b.gradient] {
    conv2d_backward(x.gradient, dW, db, out.gradient, x.value, W, step, scratch);
  });
  return out;
}

}  // namespace plainsight
