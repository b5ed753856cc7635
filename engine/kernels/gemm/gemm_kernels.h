#pragma once

namespace plainsight {

/// The parts of a matrix product that depend on the instruction set, in BLIS's terms: micro-tile, packing and
/// macro-kernel. gemm.cpp has the loops around them, docs/course/gemm.md the drawing.
///
/// Operands are packed into micro-panels of `mr` rows of A or `nr` columns of B, filled up with zeros (int8
/// slices: with scales of 0), so the micro-kernel reads them in order and never looks at the edges.
struct GemmKernels {
  int mr;  ///< rows of the micro-tile, which stays in registers
  int nr;  ///< columns of the micro-tile, a multiple of the vector width
  int kc;  ///< depth of a block: a micro-panel of A stays in L1
  int mc;  ///< rows of A packed at a time, a multiple of mr
  int nc;  ///< columns of B packed at a time, a multiple of nr: kc x nc stays in L2
  /// Micro-panels are floats, panel[k][nr], so that a product in panels is a right operand without packing.
  /// Otherwise they are int8 slices.
  bool float_panels;

  /// Floats of memory that one row of A or column of B takes in a panel of this depth. Whole blocks of kc, of
  /// which the last may be shorter, can be packed one after another into one panel.
  long (*packed_depth)(long depth);

  /// Packs `rows` rows of A of `depth` <= kc elements each into panels of mr, panel_stride apart (>=
  /// packed_depth * mr). Element (i, k) is src[i * row_stride + k * depth_stride]; one of the strides is 1.
  /// Writes up to kPackSlack floats past a panel, so panels are packed in rising order.
  void (*pack_a)(float* panels, const float* src, long row_stride, long depth_stride, long rows, long depth,
                 long panel_stride);
  /// The same for columns of B, in panels of nr, without writing past a panel.
  void (*pack_b)(float* panels, const float* src, long col_stride, long depth_stride, long cols, long depth,
                 long panel_stride);
  /// The macro-kernel: c[m,n] (+)= A B over `depth` <= kc. Panels of A lie one after another (packed_depth *
  /// mr apart), panels of B b_panel_stride apart. Rows of c lie ldc apart; the columns of one panel of B come
  /// c_panel_stride after those of the panel before: nr for an ordinary matrix, more for a result in panels.
  void (*multiply)(float* c, long ldc, long c_panel_stride, const float* a_panels, const float* b_panels,
                   long b_panel_stride, long m, long n, long depth, bool accumulate);

  /// y[n * ldy + o] += sum_i x[n * ldx + i] w[o * ldw + i] for n < rows, o < outputs, i < depth: W is read in
  /// place, once, and nothing is packed. The order of each sum depends on depth alone.
  void (*dense)(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long rows,
                long outputs, long depth);
};

inline constexpr int kPackSlack = 16;

}  // namespace plainsight
