#include "engine/ops/lstm.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/kernels/gemm.h"
#include "engine/ops/row_sum.h"

namespace plainsight {

namespace {

float sigmoid(float x) { return 1.0f / (1.0f + std::exp(-x)); }

// One row of one step: gates [i f g o] before activation become activated ones; c and h follow.
void gates_forward(float* gates, float* c, float* h, const float* c_prev, std::int64_t H) {
  float *i = gates, *f = gates + H, *g = gates + 2 * H, *o = gates + 3 * H;
  for (std::int64_t k = 0; k < H; ++k) {
    i[k] = sigmoid(i[k]);
    f[k] = sigmoid(f[k]);
    g[k] = std::tanh(g[k]);
    o[k] = sigmoid(o[k]);
    c[k] = f[k] * (c_prev ? c_prev[k] : 0.0f) + i[k] * g[k];
    h[k] = o[k] * std::tanh(c[k]);
  }
}

// One row of one step, backward. dc comes in as the gradient of c from later steps and leaves as that of
// c_prev.
void gates_backward(float* d, float* dc, const float* dh, const float* gates, const float* c,
                    const float* c_prev, std::int64_t H) {
  const float *i = gates, *f = gates + H, *g = gates + 2 * H, *o = gates + 3 * H;
  float *di = d, *df = d + H, *dg = d + 2 * H, *d_o = d + 3 * H;
  for (std::int64_t k = 0; k < H; ++k) {
    const float tanh_c = std::tanh(c[k]);
    const float dck = dc[k] + dh[k] * o[k] * (1.0f - tanh_c * tanh_c);
    di[k] = dck * g[k] * i[k] * (1.0f - i[k]);
    df[k] = dck * (c_prev ? c_prev[k] : 0.0f) * f[k] * (1.0f - f[k]);
    dg[k] = dck * i[k] * (1.0f - g[k] * g[k]);
    d_o[k] = dh[k] * tanh_c * o[k] * (1.0f - o[k]);
    dc[k] = dck * f[k];
  }
}

// Rows [begin, begin + count) of each packed matrix are one step.
struct Step {
  std::int64_t begin, count;
  std::int64_t begin_prev;  // of the step before
};

template <class F>
void for_each_step(std::span<const std::int64_t> batch_sizes, F&& f) {
  std::int64_t begin = 0, begin_prev = 0;
  for (const std::int64_t count : batch_sizes) {
    f(Step{begin, count, begin_prev});
    begin_prev = begin;
    begin += count;
  }
}

template <class F>
void for_each_step_backward(std::span<const std::int64_t> batch_sizes, F&& f) {
  std::int64_t begin = std::accumulate(batch_sizes.begin(), batch_sizes.end(), std::int64_t{0});
  for (std::size_t t = batch_sizes.size(); t-- > 0;) {
    begin -= batch_sizes[t];
    f(Step{begin, batch_sizes[t], t > 0 ? begin - batch_sizes[t - 1] : 0});
  }
}

// h (or c) of the step before, for the sequences that are still there; an empty view for a zero initial
// state.
ConstView previous(ConstView states, ConstView initial, const Step& s) {
  if (s.begin > 0) return states.slice(s.begin_prev, s.begin_prev + s.count);
  return initial ? initial.slice(0, s.count) : ConstView();
}

void check(const LstmInputs& in, const LstmWeights& w) {
  const std::int64_t H = w.W_hh.cols();
  require(w.W_ih.rows() == 4 * H && w.W_hh.rows() == 4 * H && w.b_ih.size() == 4 * H &&
              w.b_hh.size() == 4 * H && in.x.cols() == w.W_ih.cols(),
          "lstm: x[R,I], W_ih[4H,I], W_hh[4H,H], b_ih[4H], b_hh[4H] expected");
  std::int64_t rows = 0, last = in.batch_sizes.empty() ? 0 : in.batch_sizes[0];
  for (const ConstView initial : {in.h0, in.c0}) {
    require(!initial || (initial.rows() == last && initial.cols() == H),
            "lstm: h0 and c0 are [batch_sizes[0],H]");
  }
  for (const std::int64_t count : in.batch_sizes) {
    require(0 < count && count <= last, "lstm: batch_sizes must be positive and never grow");
    last = count;
    rows += count;
  }
  require(rows == in.x.rows(), "lstm: x needs one row for each sequence of each step");
}

}  // namespace

void lstm_forward(const LstmStates& out, const LstmInputs& in, const LstmWeights& w) {
  check(in, w);
  const std::int64_t H = w.W_hh.cols();
  for (std::int64_t r = 0; r < in.x.rows(); ++r) {
    for (std::int64_t k = 0; k < 4 * H; ++k) out.gates.row(r)[k] = w.b_ih[k] + w.b_hh[k];
  }
  gemm(out.gates, in.x, Trans::no, w.W_ih, Trans::yes, /*accumulate=*/true);
  for_each_step(in.batch_sizes, [&](const Step& s) {
    const ConstView h_prev = previous(out.h, in.h0, s), c_prev = previous(out.c, in.c0, s);
    if (h_prev) {
      gemm(out.gates.slice(s.begin, s.begin + s.count), h_prev, Trans::no, w.W_hh, Trans::yes,
           /*accumulate=*/true);
    }
    parallel_for(s.count, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t b = begin; b < end; ++b) {
        const std::int64_t r = s.begin + b;
        gates_forward(out.gates.row(r), out.c.row(r), out.h.row(r), c_prev ? c_prev.row(b) : nullptr, H);
      }
    });
  });
}

void lstm_backward(const LstmGradients& d, ConstView dh, const LstmStates& saved, const LstmInputs& in,
                   const LstmWeights& w, Arena& scratch) {
  if (in.batch_sizes.empty()) return;
  const std::int64_t R = in.x.rows(), H = w.W_hh.cols(), B = in.batch_sizes[0];
  const ArenaScope scope(scratch);
  const auto matrix = [&](std::int64_t rows, std::int64_t cols) {
    return View(scratch.allocate_array<float>(static_cast<std::size_t>(rows * cols)), {rows, cols});
  };
  const View dgates = matrix(R, 4 * H), h_prev_all = matrix(R, H), dh_carried = matrix(B, H),
             dc = matrix(B, H);
  std::fill_n(dh_carried.data, B * H, 0.0f);
  std::fill_n(dc.data, B * H, 0.0f);
  for_each_step_backward(in.batch_sizes, [&](const Step& s) {
    const ConstView h_prev = previous(saved.h, in.h0, s), c_prev = previous(saved.c, in.c0, s);
    parallel_for(s.count, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t b = begin; b < end; ++b) {
        const std::int64_t r = s.begin + b;
        float* dh_total = dh_carried.row(b);
        for (std::int64_t k = 0; k < H; ++k) dh_total[k] += dh.row(r)[k];
        gates_backward(dgates.row(r), dc.row(b), dh_total, saved.gates.row(r), saved.c.row(r),
                       c_prev ? c_prev.row(b) : nullptr, H);
        if (h_prev) {
          std::copy_n(h_prev.row(b), H, h_prev_all.row(r));
        } else {
          std::fill_n(h_prev_all.row(r), H, 0.0f);
        }
      }
    });
    gemm(dh_carried.slice(0, s.count), dgates.slice(s.begin, s.begin + s.count), Trans::no, w.W_hh, Trans::no,
         /*accumulate=*/false);
  });
  for (std::int64_t k = 0; d.h0 && k < B * H; ++k) d.h0[k] += dh_carried[k];
  for (std::int64_t k = 0; d.c0 && k < B * H; ++k) d.c0[k] += dc[k];
  if (d.x) gemm(d.x, dgates, Trans::no, w.W_ih, Trans::no, /*accumulate=*/true);
  if (d.W_ih) gemm(d.W_ih, dgates, Trans::yes, in.x, Trans::no, /*accumulate=*/true);
  if (d.W_hh) gemm(d.W_hh, dgates, Trans::yes, h_prev_all, Trans::no, /*accumulate=*/true);
  if (d.b_ih) add_row_sum(d.b_ih, dgates);
  if (d.b_hh) add_row_sum(d.b_hh, dgates);
}

Var lstm(Tape& tape, Var x, Var h0, Var c0, std::span<const std::int64_t> batch_sizes,
         const LstmParameters& p) {
  const std::int64_t R = x.value.rows(), H = p.weight_hh.value.cols();
  const LstmInputs in{x.value, h0.value, c0.value, tape.keep(batch_sizes)};
  const LstmWeights w{p.weight_ih.value, p.weight_hh.value, p.bias_ih.value, p.bias_hh.value};
  const LstmStates states{tape.allocate({R, H}), tape.allocate({R, H}), tape.allocate({R, 4 * H})};
  lstm_forward(states, in, w);
  const Var h = tape.result(states.h);
  const LstmGradients d{x.gradient,           h0.gradient,        c0.gradient,       p.weight_ih.gradient,
                        p.weight_hh.gradient, p.bias_ih.gradient, p.bias_hh.gradient};
  tape.record([=, &scratch = tape.scratch()] { lstm_backward(d, h.gradient, states, in, w, scratch); });
  return h;
}

}  // namespace plainsight
