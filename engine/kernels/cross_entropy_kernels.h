#pragma once

namespace plainsight {

/// What a softmax needs beside matrix products, on products in panels of gemm.nr columns: panel[row][nr].
struct CrossEntropyKernels {
  /// Sum over k of a[k] b[k].
  float (*dot)(const float* a, const float* b, long depth);
  /// For each row r: z = panels + bias - shift[r] becomes e^z in place; sum[r] += the row's sum; max[r] = max(max[r], z).
  /// Panels lie panel_stride apart; bias has panel_count * nr elements, of which -infinity gives an exact 0. Unless `copy` is null,
  /// e^z is also written there, in panels copy_stride apart, past the caches.
  void (*exp_rows)(float* panels, long panel_stride, long panel_count, long rows, const float* bias,
                   const float* shift, float* sum, float* max, float* copy, long copy_stride);
  /// y[j] += the sum over r < rows of weights[r] panel[r][j], for j < cols <= nr.
  void (*add_weighted_rows)(float* y, const float* panel, const float* weights, long rows, long cols);
  /// y[j * ldy + i] += x[i * ldx + j] for i < rows, j < cols.
  void (*add_transposed)(float* y, long ldy, const float* x, long ldx, long rows, long cols);
};

}  // namespace plainsight
