#pragma once

namespace plainsight {

/// The pieces of a matrix product that depend on the instruction set; gemm.cpp puts them together.
///
/// Operands are packed into panels. A panel of A holds `mr` rows, a panel of B `nr` columns. Both are filled
/// up with zeros, digits with lanes whose unit is 0, so a tile reads them in order and never looks at the
/// edges.
struct GemmKernels {
  int mr;  ///< rows of a tile kept in registers
  int nr;  ///< columns of a tile, a multiple of the vector width
  int kc;  ///< products are summed in blocks of this depth
  int mc;  ///< rows of A packed at a time, a multiple of mr
  int nc;  ///< columns of B packed at a time, a multiple of nr
  /// Panels are panel[k][nr] of floats, so that a product in panels is a right operand as it is.
  bool float_panels;

  /// Floats that one lane (a row of A, a column of B) takes in a panel of this depth. Whole blocks of kc, of
  /// which the last may be shorter, can be packed one behind the other into one panel.
  long (*packed_depth)(long depth);

  /// Packs `lanes` rows of A of `depth` <= kc elements each into panels of mr, at distance panel_stride (>=
  /// packed_depth * mr). Element (lane, k) is src[lane * lane_stride + k * depth_stride]; one of the strides
  /// is 1. Writes up to kPackSlack floats behind a panel, so panels are packed in rising order.
  void (*pack_a)(float* panels, const float* src, long lane_stride, long depth_stride, long lanes, long depth,
                 long panel_stride);
  /// The same for columns of B, in panels of nr, without writing behind.
  void (*pack_b)(float* panels, const float* src, long lane_stride, long depth_stride, long lanes, long depth,
                 long panel_stride);
  /// c[m,n] (+)= A B over `depth` <= kc: panels of A one after another (distance packed_depth * mr), panels
  /// of B at b_panel_stride. Rows of c lie ldc apart, and the columns of one panel of B c_panel_stride behind
  /// those of the panel before: nr for an ordinary matrix, more for a result that is in panels itself.
  void (*multiply)(float* c, long ldc, long c_panel_stride, const float* a_panels, const float* b_panels,
                   long b_panel_stride, long m, long n, long depth, bool accumulate);

  /// y[n * ldy + o] += sum_i x[n * ldx + i] w[o * ldw + i] for n < rows, o < outputs, i < depth: W is read in
  /// place, once, and nothing is packed. The order of each sum depends on depth alone.
  void (*dense)(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long rows,
                long outputs, long depth);
};

inline constexpr int kPackSlack = 16;

}  // namespace plainsight
