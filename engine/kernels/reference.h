#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <span>
#include <vector>

// The plain loop for every operation, on any scalar: what the fast code must equal. With double it checks a
// forward pass; with complex<double> it checks a backward pass, since for a function f that is analytic where
// we stand
//   f(x + i h e_j) = f(x) + i h ∂f/∂x_j + O(h²)
// and with h = 1e-30 the imaginary part over h is the derivative to the last digit: no difference is taken,
// so nothing cancels. That needs comparisons by real part alone, and no abs or conj. Nobody writes a
// reference backward. Letters and layouts are those of engine/ops.
namespace plainsight::reference {

inline double real_part(double x) { return x; }
inline double real_part(const std::complex<double>& x) { return x.real(); }

template <class T>
using Array = std::vector<T>;
using Size = std::int64_t;

template <class T>
T sigmoid(T x) {
  return T(1) / (T(1) + std::exp(-x));
}

/// y[N,O] = x[N,I] W[O,I]ᵀ + b[O]
template <class T>
Array<T> linear(const Array<T>& x, const Array<T>& W, const Array<T>& b, Size N, Size I, Size O) {
  Array<T> y(static_cast<std::size_t>(N * O));
  for (Size n = 0; n < N; ++n) {
    for (Size o = 0; o < O; ++o) {
      T sum = b[o];
      for (Size i = 0; i < I; ++i) sum += x[n * I + i] * W[o * I + i];
      y[n * O + o] = sum;
    }
  }
  return y;
}

template <class T>
Array<T> relu(Array<T> x) {
  for (T& v : x) v = real_part(v) > 0 ? v : T(0);
  return x;
}

template <class T>
Array<T> tanh(Array<T> x) {
  for (T& v : x) v = std::tanh(v);
  return x;
}

/// y = a b, element by element: dropout with the mask b.
template <class T>
Array<T> multiply(Array<T> a, const Array<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] *= b[i];
  return a;
}

template <class T>
Array<T> add(Array<T> a, const Array<T>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

/// y[N,E]: row n is W[ids[n]]; a row of padding_idx is a constant (no derivative reaches W).
template <class T>
Array<T> embedding(const Array<T>& W, std::span<const std::int32_t> ids, std::int32_t padding_idx, Size E) {
  Array<T> y;
  for (const std::int32_t id : ids) {
    for (Size e = 0; e < E; ++e) y.push_back(id == padding_idx ? T(real_part(W[id * E + e])) : W[id * E + e]);
  }
  return y;
}

struct ConvSizes {
  Size N, C, H, W, O, k, l, stride, padding;
  Size out_height() const { return (H + 2 * padding - k) / stride + 1; }
  Size out_width() const { return (W + 2 * padding - l) / stride + 1; }
};

/// y[n,o,i,j] = b[o] + Σ_{c,a,b} W[o,c,a,b] x[n,c, s·i+a-p, s·j+b-p], 0 outside the picture
template <class T>
Array<T> conv2d(const Array<T>& x, const Array<T>& W, const Array<T>& bias, const ConvSizes& s) {
  Array<T> y;
  for (Size n = 0; n < s.N; ++n)
    for (Size o = 0; o < s.O; ++o)
      for (Size i = 0; i < s.out_height(); ++i)
        for (Size j = 0; j < s.out_width(); ++j) {
          T sum = bias[o];
          for (Size c = 0; c < s.C; ++c)
            for (Size a = 0; a < s.k; ++a)
              for (Size b = 0; b < s.l; ++b) {
                const Size row = s.stride * i + a - s.padding, col = s.stride * j + b - s.padding;
                if (row < 0 || row >= s.H || col < 0 || col >= s.W) continue;
                sum += W[((o * s.C + c) * s.k + a) * s.l + b] * x[((n * s.C + c) * s.H + row) * s.W + col];
              }
          y.push_back(sum);
        }
  return y;
}

/// y[p,i,j] = max over a,b < k of x[p, s·i+a, s·j+b] for each of `planes` planes [H,W]
template <class T>
Array<T> max_pool2d(const Array<T>& x, Size planes, Size H, Size W, Size k, Size s) {
  Array<T> y;
  for (Size p = 0; p < planes; ++p)
    for (Size i = 0; i + k <= H; i += s)
      for (Size j = 0; j + k <= W; j += s) {
        T best = x[(p * H + i) * W + j];
        for (Size a = 0; a < k; ++a)
          for (Size b = 0; b < k; ++b) {
            const T v = x[(p * H + i + a) * W + j + b];
            if (real_part(v) > real_part(best)) best = v;
          }
        y.push_back(best);
      }
  return y;
}

template <class T>
struct LstmOperands {
  const Array<T>&x, &h0, &c0, &W_ih, &W_hh, &b_ih, &b_hh;  // h0, c0 empty: zero
};

/// h[R,H] of every step, rows packed: step t has rows for the first batch_sizes[t] sequences.
template <class T>
Array<T> lstm(const LstmOperands<T>& in, std::span<const Size> batch_sizes, Size I, Size H) {
  Array<T> h_all, h = in.h0, c = in.c0;
  h.resize(static_cast<std::size_t>(batch_sizes.empty() ? 0 : batch_sizes[0] * H));
  c.resize(h.size());
  Size row = 0;
  for (const Size count : batch_sizes) {
    for (Size b = 0; b < count; ++b, ++row) {
      Array<T> gates(static_cast<std::size_t>(4 * H));
      for (Size q = 0; q < 4 * H; ++q) {
        gates[q] = in.b_ih[q] + in.b_hh[q];
        for (Size i = 0; i < I; ++i) gates[q] += in.W_ih[q * I + i] * in.x[row * I + i];
        for (Size k = 0; k < H; ++k) gates[q] += in.W_hh[q * H + k] * h[b * H + k];
      }
      for (Size k = 0; k < H; ++k) {
        const T i = sigmoid(gates[k]), f = sigmoid(gates[H + k]);
        const T g = std::tanh(gates[2 * H + k]), o = sigmoid(gates[3 * H + k]);
        c[b * H + k] = f * c[b * H + k] + i * g;
        h[b * H + k] = o * std::tanh(c[b * H + k]);
        h_all.push_back(h[b * H + k]);
      }
    }
  }
  return h_all;
}

/// Mean over the rows with target ≠ ignore_index of -log softmax(z)[target], z[N,V] given.
template <class T>
T cross_entropy(const Array<T>& z, std::span<const std::int32_t> targets, Size V, std::int32_t ignore_index) {
  T total(0);
  double rows = 0;
  for (std::size_t n = 0; n < targets.size(); ++n) {
    if (targets[n] == ignore_index) continue;
    const T* row = z.data() + static_cast<Size>(n) * V;
    double max = real_part(row[0]);
    for (Size v = 0; v < V; ++v) max = std::max(max, real_part(row[v]));
    T sum(0);
    for (Size v = 0; v < V; ++v) sum += std::exp(row[v] - max);
    total += std::log(sum) + max - row[targets[n]];
    ++rows;
  }
  return total / rows;
}

}  // namespace plainsight::reference
