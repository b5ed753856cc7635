#pragma once

namespace plainsight {

/// The pieces of a matrix product that depend on the instruction set; gemm.cpp puts them together.
///
/// Operands are packed into panels. A panel of A holds `mr` rows: panel[k][mr]. A panel of B holds `nr`
/// columns: panel[k][nr]. Both are filled up with zeros, so a tile reads them in order and never looks at the
/// edges.
struct GemmKernels {
  int mr;  ///< rows of a tile kept in registers
  int nr;  ///< columns of a tile, a multiple of the vector width
  int kc;  ///< products are summed in blocks of this depth
  int mc;  ///< rows of A packed at a time, a multiple of mr
  int nc;  ///< columns of B packed at a time, a multiple of nr

  /// Packs `lanes` rows of A (lane stride = row stride) of `depth` elements each into panels of mr.
  /// Element (lane, k) is src[lane * lane_stride + k * depth_stride]; one of the strides is 1.
  /// Writes up to kPackSlack floats behind the last panel.
  void (*pack_a)(float* panels, const float* src, long lane_stride, long depth_stride, long lanes,
                 long depth);
  /// The same for columns of B, in panels of nr. `panel_stride` is the distance between two panels.
  void (*pack_b)(float* panels, const float* src, long lane_stride, long depth_stride, long lanes, long depth,
                 long panel_stride);
  /// c[m,n] (+)= A B over `depth`: panels of A one after another, panels of B at distance b_panel_stride.
  void (*multiply)(float* c, long ldc, const float* a_panels, const float* b_panels, long b_panel_stride,
                   long m, long n, long depth, bool accumulate);
};

inline constexpr int kPackSlack = 16;

}  // namespace plainsight
