#pragma once

namespace plainsight {

/// Activations are "channel-blocked": [C/16][H][W][16], so that the 16 channels of a pixel fill one cache line, which is one
/// AVX-512 vector, two AVX2 vectors or four SSE vectors. A last block that is not full has zeros in its spare channels.
inline constexpr int kChannelBlock = 16;

/// What a convolution does with its sums: y = max(0, s + bias) (the maximum only if `relu`), then, if `pool`, the largest of
/// each 2x2 window (a last odd row or column is dropped, as PyTorch does).
struct ConvEpilogue {
  const float* bias;  ///< 16 numbers, those of the channel block at hand
  bool relu, pool;
};

/// The transforms of Winograd's F(m x m, 3 x 3): m x m outputs from a = m + 2 points in each direction.
/// docs/math/winograd.md derives them; "frequency" f = i * a + j counts the a * a products of a tile.
struct WinogradKernels {
  int tile;    ///< m
  int points;  ///< a = m + 2
  /// v[f * stride + c] = (B^T d B)[f] for the 16 channels c of `in` [height][width][16], d being the a x a pixels from
  /// (y, x), zero outside of the picture.
  void (*transform_input)(float* v, long stride, const float* in, long height, long width, long y, long x);
  /// u[f * stride + k] = (G g G^T)[f] for 16 output channels k, with g at w + k * k_stride [3][3]; zeros for k >= channels.
  /// In double, rounded once.
  void (*transform_weights)(float* u, long stride, const float* w, long k_stride, int channels);
  /// out [height][width][16] (after the pool if there is one) from (y, x) before the pool = epilogue of A^T M A, with
  /// M[f] = m[f * stride + k]; what falls outside of the height x width result is dropped.
  void (*transform_output)(float* out, const float* m, long stride, ConvEpilogue epilogue, long height,
                           long width, long y, long x);
};

/// Memory that a later product will read: `lines` cache lines for each block of this one, one after another from `at`.
struct Prefetch {
  const float* at;
  long lines;
};

struct ConvKernels {
  int rows;   ///< most rows of one product: with `panel`, what the registers hold
  int panel;  ///< output channels of one product; a multiple of 16
  /// The product that every algorithm is made of: a sum over blocks > 0 of 16 channels, anywhere in `a`.
  ///   s[r][k] = sum_{b < blocks} sum_{c < 16} a[offsets[b] + 16 r + c] * weights[(16 b + c) * panel + k],   r < rows
  /// stored at out[(k / 16) * out_stride + 16 r + k % 16]. Meanwhile it asks for the memory at `next`. Each s is summed in this order whatever `rows` is.
  void (*product)(float* out, long out_stride, const float* a, const long* offsets, long blocks,
                  const float* weights, int rows, Prefetch next);
  /// The same over planes: s[r][k] = sum_b a[offsets[b] + r] * weights[b * panel + k].
  void (*planar_product)(float* out, long out_stride, const float* a, const long* offsets, long blocks,
                         const float* weights, int rows, Prefetch next);
  /// out = epilogue of s [rows][width][16]; with pool, out [rows / 2][width / 2][16].
  void (*finish)(float* out, const float* s, long rows, long width, ConvEpilogue epilogue);
  /// y[n * ldy + o] += sum_i x[n * ldx + i] * w[o * ldw + i]  for n < images, o < outputs, i < depth.
  /// The order of each sum depends on depth alone.
  void (*dense)(float* y, long ldy, const float* x, long ldx, const float* w, long ldw, long images,
                long outputs, long depth);
  WinogradKernels winograd4, winograd6;
};

}  // namespace plainsight
