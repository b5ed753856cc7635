#pragma once

#include "engine/kernels/simd/prefetch.h"

namespace plainsight {

/// Activations are "channel-blocked": [C/16][H][W][16], so that the 16 channels of a pixel fill one cache
/// line, which is one AVX-512 vector, two AVX2 vectors or four SSE vectors. A last block that is not full has
/// zeros in its spare channels.
inline constexpr int kChannelBlock = 16;

/// The epilogue of a convolution: its sums s become y = max(0, s + bias) (the maximum only if `relu`), then,
/// if `pool`, the largest of each 2x2 window (a last odd row or column is dropped, as PyTorch does).
struct ConvEpilogue {
  const float* bias;  ///< 16 values, those of the channel block
  bool relu, pool;
};

/// The "frequencies" of a tile, the products (i, j) of a point for its rows and one for its columns, in
/// four classes: first the 6 x 6 that every tile has, then the two further points of its columns (6 x 2),
/// of its rows (2 x 6), and of both (2 x 2), which only sides of 6 results have. kWinogradClass[c] is where
/// class c begins (not inline: as a symbol in the objects of the instruction sets it could be linked to
/// from everywhere).
inline constexpr int kWinogradClasses = 4;
constexpr int kWinogradClass[kWinogradClasses + 1] = {0, 36, 48, 60, 64};

/// The transforms of Winograd's F(m x n, 3 x 3), m and n being 4 or 6: m x n results from (m + 2) x (n + 2)
/// pixels. docs/course/winograd.md derives them. In the tables [0] is a side of 4 and [1] one of 6, first
/// rows, then columns.
struct WinogradKernels {
  /// The tile's frequencies (B^T d B)[f] for the 16 channels of `in` [height][width][16], d being its pixels
  /// from (y, x), zero outside of the image: those of class c one after another at v[c], v[c] + stride, ...
  using Input = void(float* const* v, long stride, const float* in, long height, long width, long y, long x);
  Input* transform_input[2][2];
  /// u[f * stride + k] = (G g G^T)[f] for the first `frequencies` (36 or 64) and 16 output channels k, with g
  /// at w + k * k_stride [3][3]; zeros for k >= channels. In double, rounded once.
  void (*transform_weights)(float* u, long stride, int frequencies, const float* w, long k_stride,
                            int channels);
  /// out [height][width][16] (after the pool if there is one) from (y, x) before the pool = epilogue of A^T M
  /// A, with M[f] = m[f * stride + k]; what falls outside of the height x width result is dropped.
  using Output = void(float* out, const float* m, long stride, ConvEpilogue epilogue, long height, long width,
                      long y, long x);
  Output* transform_output[2][2];
};

/// Winograd's products M[f] = V[f] U[f] on AMX's int8 tiles: winograd_int8.inl.h. The operands are panels of
/// int8 slices, packed for at most `depth` channels at a time.
struct WinogradInt8Kernels {
  int panel;  ///< tiles or output channels of a panel
  int depth;  ///< most channels of a panel
  /// Floats that a panel of `depth` channels takes.
  long (*panel_size)(long depth);
  /// Packs V [channel block][tile][16], its channel blocks block_stride apart, into one panel after another.
  void (*pack_tiles)(float* panels, const float* v, long block_stride, long tiles, long depth);
  /// Packs U [channel][panel] into one panel.
  void (*pack_weights)(float* panel, const float* u, long depth);
  /// m[k / 16 * block_stride + 16 t + k % 16] (+)= the product of tile t of panels `a` and channel k of panel
  /// `b`. A tile's results do not depend on the others. Meanwhile it prefetches `next`.
  void (*multiply)(float* m, long block_stride, const float* a, const float* b, long tiles, long depth,
                   bool accumulate, Prefetch next);
};

struct ConvKernels {
  int rows;   ///< most rows of one product: with `panel`, what the registers hold
  int panel;  ///< output channels of one product; a multiple of 16
  /// The product that every algorithm consists of: a sum over blocks > 0 of 16 channels, anywhere in `a`.
  ///   s[r][k] = sum_{b < blocks} sum_{c < 16} a[offsets[b] + 16 r + c] * weights[(16 b + c) * panel + k]
  /// with r < rows, stored at out[(k / 16) * out_stride + 16 r + k % 16]. Meanwhile it prefetches `next`.
  /// Each s is summed in this order whatever `rows` is.
  void (*product)(float* out, long out_stride, const float* a, const long* offsets, long blocks,
                  const float* weights, int rows, Prefetch next);
  /// The same over planes: s[r][k] = sum_b a[offsets[b] + r] * weights[b * panel + k].
  void (*planar_product)(float* out, long out_stride, const float* a, const long* offsets, long blocks,
                         const float* weights, int rows, Prefetch next);
  /// out = epilogue of s [rows][width][16]; with pool, out [rows / 2][width / 2][16].
  void (*finish)(float* out, const float* s, long rows, long width, ConvEpilogue epilogue);
  WinogradKernels winograd;
  const WinogradInt8Kernels* winograd_int8;  ///< null without AMX
};

}  // namespace plainsight
