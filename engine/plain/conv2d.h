#pragma once

#include <algorithm>

#include "engine/plain/map.h"

// Two-dimensional cross-correlation as a matrix product (im2col).
//   x[N, C·H·W]  W[O, C·k·l]  b[O]  y[N, O·OH·OW]
//   y[n,o,i,j] = b[o] + Σ over c,a,b of W[o,(c,a,b)] x[n,c, s·i+a-p, s·j+b-p]      x = 0 outside the image
// The rows of all outputs are numbered r = n·OH + i and taken in bands. A column of col is a position (r,j):
//   col[(c,a,b), (r,j)] = x[n,c, s·i+a-p, s·j+b-p]        y[o, (r,j)] = b[o] + W col
namespace plainsight::plain {

struct ConvSizes {
  Index N, C, H, W, O, k, l, stride, padding;
  Index OH() const { return (H + 2 * padding - k) / stride + 1; }
  Index OW() const { return (W + 2 * padding - l) / stride + 1; }
  Index CK() const { return C * k * l; }

  /// Rows of a band. The product uses an element of W once a column, one of col O times. So with few outputs
  /// col should stay in the L2 cache; with many, longer rows save BLAS more copies of W.
  Index band() const {
    const Index columns = O <= 128 ? 512 : 1024;
    return std::clamp<Index>(columns / OW(), 1, std::max<Index>(N * OH(), 1));
  }
};

/// Output rows [first, first + rows).
struct Band {
  Index first, rows;
};

/// Covers a band's col with segments of its rows. Calls inside(col, x, n) for n elements read from x, which
/// lie a stride apart in x, and outside(col, n) for n elements of padding.
template <class T, class X, class Inside, class Outside>
void for_each_segment(T* col, X* x, const ConvSizes& s, Band band, Inside&& inside, Outside&& outside) {
  const Index OH = s.OH(), OW = s.OW();
  for_each_row(s.C, s.k * s.l * band.rows * OW, [&](Index c) {
    for (Index ab = 0; ab < s.k * s.l; ++ab) {
      const Index a = ab / s.l, b = ab % s.l;
      // Output columns [begin, end) read inside the image.
      const Index begin = std::clamp<Index>(ceil_div(std::max<Index>(s.padding - b, 0), s.stride), 0, OW);
      const Index room = s.W - 1 + s.padding - b;
      const Index end = room < 0 ? begin : std::clamp<Index>(room / s.stride + 1, begin, OW);
      for (Index r = 0; r < band.rows; ++r) {
        const Index n = (band.first + r) / OH, i = (band.first + r) % OH, y = i * s.stride + a - s.padding;
        T* out = col + ((c * s.k * s.l + ab) * band.rows + r) * OW;
        if (y < 0 || y >= s.H) {
          outside(out, OW);
          continue;
        }
        const Index first = ((n * s.C + c) * s.H + y) * s.W - s.padding + b;  // may lie before x
        outside(out, begin);
        if (begin < end) inside(out + begin, x + (first + begin * s.stride), end - begin);
        outside(out + end, OW - end);
      }
    }
  });
}

/// col of one band of x.
template <class T>
void im2col(T* col, ConstMap<T> x, const ConvSizes& s, Band band) {
  const auto copy = [&](T* out, const T* in, Index n) {
    if (s.stride == 1) {
      std::copy_n(in, n, out);
    } else {
      for (Index j = 0; j < n; ++j) out[j] = in[j * s.stride];
    }
  };
  for_each_segment(col, x.data(), s, band, copy, [](T* out, Index n) { std::fill_n(out, n, T(0)); });
}

/// Adds each element of dcol to where im2col read it. Threads share out channels: each dx has one writer.
template <class T>
void col2im(Map<T> dx, T* dcol, const ConvSizes& s, Band band) {
  const auto add = [&](const T* in, T* out, Index n) {
    for (Index j = 0; j < n; ++j) out[j * s.stride] += in[j];
  };
  for_each_segment(dcol, dx.data(), s, band, add, [](T*, Index) {});
}

/// The rows of a band in y[N, O·OH·OW]: a matrix [O, OW] for each r.
template <class T>
auto output_row(T* y, const ConvSizes& s, Index r) {
  using M = std::conditional_t<std::is_const_v<T>, const Matrix<std::remove_const_t<T>>, Matrix<T>>;
  const Index P = s.OH() * s.OW(), n = r / s.OH(), i = r % s.OH();
  return Eigen::Map<M, 0, Eigen::OuterStride<>>(y + n * s.O * P + i * s.OW(), s.O, s.OW(),
                                                Eigen::OuterStride<>(P));
}

/// y = b + W col, band after band. Threads share out the rows.
template <class T>
void conv2d_forward(Map<T> y, ConstMap<T> x, ConstMap<T> W, ConstRowMap<T> b, const ConvSizes& s,
                    Arena& scratch) {
  const ArenaScope scope(scratch);
  const Index OW = s.OW(), rows = s.N * s.OH();
  const Index workers = std::min<Index>(threads(), ceil_div(rows, s.band()));
  Map<T> cols = matrix_in<T>(scratch, workers, s.CK() * s.band() * OW);
  Map<T> products = matrix_in<T>(scratch, workers, s.O * s.band() * OW);
  parallel_for(workers, 1, [&](Index first, Index last) {
    for (Index worker = first; worker < last; ++worker) {
      const Index begin = rows * worker / workers, end = rows * (worker + 1) / workers;
      for_each_even_block(end - begin, s.band(), [&](Index at, Index count) {
        const Band band{begin + at, count};
        Map<T> col(cols.row(worker).data(), s.CK(), band.rows * OW);
        Map<T> product(products.row(worker).data(), s.O, band.rows * OW);
        im2col<T>(col.data(), x, s, band);
        product.noalias() = W * col;
        for (Index r = 0; r < band.rows; ++r) {
          output_row(y.data(), s, band.first + r) = product.middleCols(r * OW, OW).colwise() + b.transpose();
        }
      });
    }
  });
}

/// dW += dy colᵀ    dcol = Wᵀ dy    dx += col2im(dcol)    db[o] += Σ dy[o,:]
template <class T>
void conv2d_backward(Map<T> dx, Map<T> dW, RowMap<T> db, ConstMap<T> dy, ConstMap<T> x, ConstMap<T> W,
                     const ConvSizes& s, Arena& scratch) {
  const ArenaScope scope(scratch);
  const Index OW = s.OW();
  T* col_memory = matrix_in<T>(scratch, s.CK(), s.band() * OW).data();
  T* dy_memory = matrix_in<T>(scratch, s.O, s.band() * OW).data();
  for_each_block(s.N * s.OH(), s.band(), [&](Index first, Index rows) {
    const Band band{first, rows};
    Map<T> col(col_memory, s.CK(), rows * OW), dy_band(dy_memory, s.O, rows * OW);
    for (Index r = 0; r < rows; ++r) {
      dy_band.middleCols(r * OW, OW) = output_row(dy.data(), s, first + r);
    }
    if (wanted(dW)) {
      im2col<T>(col.data(), x, s, band);
      dW.noalias() += dy_band * col.transpose();
    }
    if (wanted(db)) db += dy_band.rowwise().sum().transpose();
    if (wanted(dx)) {
      col.noalias() = W.transpose() * dy_band;
      col2im<T>(dx, col.data(), s, band);
    }
  });
}

}  // namespace plainsight::plain
