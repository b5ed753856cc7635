#pragma once

#include <Eigen/Core>
#include <complex>
#include <cstdint>

#include "engine/base/arena.h"
#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/plain/blas_kernels.h"
#include "engine/tensor/view.h"

// The plain engine: each operation as a textbook has it, forward and backward, in Eigen expressions, with
// matrix products by BLAS. Every function is a template on the scalar:
//   float            runs the whole product (`--engine plain`)
//   double           checks results of the tuned kernels
//   complex<double>  checks gradients by complex step: f(x + ih) = f(x) + ih f'(x) + O(h²), so with h = 1e-30
//                    the imaginary part divided by h is the derivative, and nothing cancels (engine/check)
// For complex numbers, comparisons look at the real part alone, and neither abs nor conj occurs.
// engine/ops checks the shapes and calls these functions, which take them for granted.
namespace plainsight::plain {

using Index = Eigen::Index;

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using Row = Eigen::Matrix<T, 1, Eigen::Dynamic, Eigen::RowMajor>;

/// Matrices and rows in memory that others own. As an output, one without memory means "not wanted".
template <class T>
using Map = Eigen::Map<Matrix<T>>;
template <class T>
using ConstMap = Eigen::Map<const Matrix<T>>;
template <class T>
using RowMap = Eigen::Map<Row<T>>;
template <class T>
using ConstRowMap = Eigen::Map<const Row<T>>;

template <class M>
bool wanted(const M& output) {
  return output.data() != nullptr;
}

/// A tensor as a matrix: its first dimension by all others.
inline Map<float> matrix(View v) { return {v.data, v.rows(), v.cols()}; }
inline ConstMap<float> matrix(ConstView v) { return {v.data, v.rows(), v.cols()}; }
/// A tensor as one row.
inline RowMap<float> row(View v) { return {v.data, v.size()}; }
inline ConstRowMap<float> row(ConstView v) { return {v.data, v.size()}; }

/// A matrix in memory of `arena`, not set to zero.
template <class T>
Map<T> matrix_in(Arena& arena, Index rows, Index cols) {
  return {arena.allocate_array<T>(rows * cols), rows, cols};
}

/// Elements that are enough work for a second thread.
inline constexpr Index kGrain = 1 << 14;

/// Calls f(n) for n = 0 .. rows-1, on all threads. `cols`: elements that one call touches.
template <class F>
void for_each_row(Index rows, Index cols, F&& f) {
  parallel_for(rows, ceil_div(kGrain, cols + 1), [&](Index begin, Index end) {
    for (Index n = begin; n < end; ++n) f(n);
  });
}

/// Elements [begin, begin + size) of any row: part(x) is that segment of x, as an array.
struct Part {
  Index begin, size;
  template <class R>
  auto operator()(R&& x) const {
    return x.segment(begin, size).array();
  }
};

/// Calls f(part) for parts that cover rows of `size` elements, on all threads. A part stays in the L1 cache,
/// so all lines of f together are one pass over memory.
template <class F>
void for_each_part(Index size, F&& f) {
  parallel_for(size, kGrain, [&](Index begin, Index end) {
    for_each_block(end - begin, 1024, [&](Index at, Index count) { f(Part{begin + at, count}); });
  });
}

/// sum += Σₙ xₙ, row after row. Threads share out the columns: the order of each sum is fixed.
template <class T>
void add_rows(RowMap<T> sum, ConstMap<T> x) {
  for_each_part(sum.size(), [&](auto part) {
    for (Index n = 0; n < x.rows(); ++n) part(sum) += part(x.row(n));
  });
}

}  // namespace plainsight::plain
