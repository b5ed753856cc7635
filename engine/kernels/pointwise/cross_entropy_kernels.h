#pragma once

namespace plainsight {

/// The softmax around the matrix products of the fused output layer, on products in panels of gemm.nr
/// columns: panel[row][nr].
struct CrossEntropyKernels {
  /// Sum over k of a[k] b[k].
  float (*dot)(const float* a, const float* b, long depth);
  /// For each row r: z = z + bias - shift[r] becomes e^z in place; sum[r] += the row's sum; max[r] =
  /// max(max[r], z). Rows lie ldz apart; a row and bias have panel_count * nr elements, of which -infinity
  /// gives an exact 0. Unless `copy` is null, e^z is also written there, in panels copy_stride apart, past
  /// the caches.
  void (*exp_rows)(float* z, long ldz, long panel_count, long rows, const float* bias, const float* shift,
                   float* sum, float* max, float* copy, long copy_stride);
  /// out[r][j] = weights[r] panel[r][j] for r < rows, and sums[j] += their sum over r for j < cols <= nr
  /// unless sums is null.
  void (*weigh_rows)(float* out, float* sums, const float* panel, const float* weights, long rows, long cols);
  /// y[j * ldy + i] += x[i * ldx + j] for i < rows, j < cols.
  void (*add_transposed)(float* y, long ldy, const float* x, long ldx, long rows, long cols);
};

}  // namespace plainsight
