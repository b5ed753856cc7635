#include "engine/ops/lstm.h"

#include <algorithm>
#include <numeric>

#include "engine/base/parallel.h"
#include "engine/kernels/gemm/gemm.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"
#include "engine/kernels/pointwise/sum_rows.h"
#include "engine/ops/add.h"
#include "engine/plain/lstm.h"

namespace plainsight {

namespace {

// Rows [begin, begin + count) of each packed matrix are one step.
struct StepRows {
  std::int64_t begin, count;
  std::int64_t begin_prev;  // of the step before
};

template <class F>
void for_each_step(std::span<const std::int64_t> batch_sizes, F&& f) {
  std::int64_t begin = 0, begin_prev = 0;
  for (const std::int64_t count : batch_sizes) {
    f(StepRows{begin, count, begin_prev});
    begin_prev = begin;
    begin += count;
  }
}

template <class F>
void for_each_step_backward(std::span<const std::int64_t> batch_sizes, F&& f) {
  std::int64_t begin = std::accumulate(batch_sizes.begin(), batch_sizes.end(), std::int64_t{0});
  for (std::size_t t = batch_sizes.size(); t-- > 0;) {
    begin -= batch_sizes[t];
    f(StepRows{begin, batch_sizes[t], t > 0 ? begin - batch_sizes[t - 1] : 0});
  }
}

// h (or c) of the step before, for the sequences that are still there; an empty view for a zero
// initial state.
ConstView previous(ConstView states, ConstView initial, const StepRows& s) {
  if (s.begin > 0) return states.slice(s.begin_prev, s.begin_prev + s.count);
  return initial ? initial.slice(0, s.count) : ConstView();
}

// The buffers of backward: [di df dg do] and h of the step before for every row, and for each sequence the
// gradients of h and c that come from later steps.
struct Backward {
  View dgates, h_prev, dh, dc;
};

// One step's gates, in the order of the header's lines; b.dc leaves as the gradient of c of the step before.
void step_backward(const Backward& b, const StepRows& s, ConstView dh, const LstmStates& saved,
                   const LstmInputs& in) {
  const ConstView h_prev = previous(saved.h, in.h0, s), c_prev = previous(saved.c, in.c0, s);
  const std::int64_t H = dh.cols();
  parallel_for(s.count, 8, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t r = s.begin + begin, rows = end - begin;
    kernels().elementwise.add(b.dh.row(begin), b.dh.row(begin), dh.row(r), rows * H);
    kernels().lstm.backward(b.dgates.row(r), b.dc.row(begin), b.dh.row(begin), saved.gates.row(r),
                            saved.c.row(r), c_prev ? c_prev.row(begin) : nullptr, rows, H);
    if (h_prev) {
      std::copy_n(h_prev.row(begin), rows * H, b.h_prev.row(r));
    } else {
      std::fill_n(b.h_prev.row(r), rows * H, 0.0f);
    }
  });
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

void check(const LstmStates& states, std::int64_t R, std::int64_t H) {
  require(states.h.shape == Shape({R, H}) && states.c.shape == Shape({R, H}) &&
              states.gates.shape == Shape({R, 4 * H}),
          "lstm: h[R,H], c[R,H], gates[R,4H] expected");
}

plain::LstmStates<float> plain_states(const LstmStates& s) {
  return {plain::matrix(s.h), plain::matrix(s.c), plain::matrix(s.gates)};
}

plain::LstmWeights<float> plain_weights(const LstmWeights& w) {
  return {plain::matrix(w.W_ih), plain::matrix(w.W_hh), plain::row(w.b_ih), plain::row(w.b_hh)};
}

// The plain engine has no initial states that are absent: they are zeros, in `scratch`.
plain::LstmInputs<float> plain_inputs(const LstmInputs& in, std::int64_t H, Arena& scratch) {
  const std::int64_t B = in.batch_sizes.empty() ? 0 : in.batch_sizes[0];
  const auto zero = plain::matrix_in<float>(scratch, B, H).setZero();
  const auto or_zero = [&](ConstView v) {
    return v ? plain::matrix(v) : plain::ConstMap<float>(zero.data(), B, H);
  };
  return {plain::matrix(in.x), or_zero(in.h0), or_zero(in.c0), in.batch_sizes};
}

}  // namespace

void lstm_forward(const LstmStates& out, const LstmInputs& in, const LstmWeights& w, Arena& scratch) {
  check(in, w);
  const std::int64_t H = w.W_hh.cols();
  check(out, in.x.rows(), H);
  if (engine() == Engine::plain) {
    const ArenaScope scope(scratch);
    return plain::lstm_forward(plain_states(out), plain_inputs(in, H, scratch), plain_weights(w));
  }
  // For all steps at once: gates = b_ih + b_hh + x W_ihᵀ.
  parallel_for(in.x.rows(), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r)
      kernels().elementwise.add(out.gates.row(r), w.b_ih.data, w.b_hh.data, 4 * H);
  });
  gemm(out.gates, in.x, Trans::no, w.W_ih, Trans::yes, Accumulate::yes);
  const ArenaScope scope(scratch);
  // Step by step: gates += hₜ₋₁ W_hhᵀ, then the activations, cₜ and hₜ. W_hh is packed once for all steps.
  const PackedB W_hh(w.W_hh, Trans::yes, scratch);
  for_each_step(in.batch_sizes, [&](const StepRows& s) {
    const ConstView h_prev = previous(out.h, in.h0, s), c_prev = previous(out.c, in.c0, s);
    if (h_prev) {
      gemm_packed(out.gates.slice(s.begin, s.begin + s.count), h_prev, W_hh, Accumulate::yes);
    }
    parallel_for(s.count, 8, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t r = s.begin + begin;
      kernels().lstm.forward(out.gates.row(r), out.c.row(r), out.h.row(r),
                             c_prev ? c_prev.row(begin) : nullptr, end - begin, H);
    });
  });
}

void lstm_backward(const LstmGradients& d, ConstView dh, const LstmStates& saved, const LstmInputs& in,
                   const LstmWeights& w, Arena& scratch) {
  check(in, w);
  if (in.batch_sizes.empty()) return;
  const std::int64_t R = in.x.rows(), H = w.W_hh.cols(), B = in.batch_sizes[0];
  check(saved, R, H);
  require(dh.shape == Shape({R, H}), "lstm: dh[R,H] expected");
  const ArenaScope scope(scratch);
  if (engine() == Engine::plain) {
    using plain::matrix, plain::row;
    const plain::LstmGradients<float> grad{matrix(d.x),    matrix(d.h0), matrix(d.c0), matrix(d.W_ih),
                                           matrix(d.W_hh), row(d.b_ih),  row(d.b_hh)};
    return plain::lstm_backward(grad, matrix(dh), plain_states(saved), plain_inputs(in, H, scratch),
                                plain_weights(w), scratch);
  }
  const auto matrix = [&](std::int64_t rows, std::int64_t cols) {
    return View(scratch.allocate_array<float>(rows * cols), {rows, cols});
  };
  const Backward b{matrix(R, 4 * H), matrix(R, H), matrix(B, H), matrix(B, H)};
  // A sequence that ends before the others joins here with zeros.
  std::fill_n(b.dh.data, B * H, 0.0f);
  std::fill_n(b.dc.data, B * H, 0.0f);
  // Step by step from the last: dgates and dc from dh, then dhₜ₋₁ = dgates W_hh.
  const PackedB W_hh(w.W_hh, Trans::no, scratch);
  for_each_step_backward(in.batch_sizes, [&](const StepRows& s) {
    step_backward(b, s, dh, saved, in);
    if (s.begin == 0 && !d.h0) return;
    gemm_packed(b.dh.slice(0, s.count), b.dgates.slice(s.begin, s.begin + s.count), W_hh, Accumulate::no);
  });
  if (d.h0) add_forward(d.h0, d.h0, b.dh);
  if (d.c0) add_forward(d.c0, d.c0, b.dc);
  // For all steps at once: the products over all rows.
  if (d.x) gemm(d.x, b.dgates, Trans::no, w.W_ih, Trans::no, Accumulate::yes);
  if (d.W_ih) gemm(d.W_ih, b.dgates, Trans::yes, in.x, Trans::no, Accumulate::yes);
  if (d.W_hh) gemm(d.W_hh, b.dgates, Trans::yes, b.h_prev, Trans::no, Accumulate::yes);
  if (d.b_ih) sum_rows(d.b_ih, b.dgates);
  if (d.b_hh) sum_rows(d.b_hh, b.dgates);
}

Var lstm(Tape& tape, Var x, Var h0, Var c0, std::span<const std::int64_t> batch_sizes,
         const LstmParameters& p) {
  const std::int64_t R = x.value.rows(), H = p.weight_hh.value.cols();
  const LstmInputs in{x.value, h0.value, c0.value, tape.keep(batch_sizes)};
  const LstmWeights w{p.weight_ih.value, p.weight_hh.value, p.bias_ih.value, p.bias_hh.value};
  const LstmStates states{tape.allocate({R, H}), tape.allocate({R, H}), tape.allocate({R, 4 * H})};
  lstm_forward(states, in, w, tape.scratch());
  const Var h = tape.result(states.h);
  const LstmGradients d{x.gradient,           h0.gradient,        c0.gradient,       p.weight_ih.gradient,
                        p.weight_hh.gradient, p.bias_ih.gradient, p.bias_hh.gradient};
  tape.record([=, &scratch = tape.scratch()] { lstm_backward(d, h.gradient, states, in, w, scratch); });
  return h;
}

}  // namespace plainsight
