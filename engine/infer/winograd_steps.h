#pragma once

#include <optional>
#include <vector>

#include "engine/base/memory.h"
#include "engine/infer/conv_shape.h"
#include "engine/infer/winograd_block.h"
#include "engine/infer/winograd_blocking.h"
#include "engine/infer/winograd_int8.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The transformed filters of a layer, and the three steps of Winograd's convolution on a block of tiles
/// (docs/course/winograd.md has the derivation):
///
///   1. input transform    V = B^T d B         for each tile and channel block of the input
///   2. products           M[f] = V[f] U[f]    for each frequency f and panel of output channels
///   3. output transform   Y = A^T M A         for each tile and channel block of the output; epilogue
///
/// Buffers, innermost dimension last:
///
///   V [f][strip][channel block][tile][16]   A strip has as many tiles as one product takes (float: at most
///                                           14; int8: all of the block), contiguous over all channels. V[f]
///                                           holds only the tiles that have frequency f.
///   U [f][panel][channel][panel width]      Cooperative blocking: V[f] is multiplied with panel after panel.
///     [panel][f][channel][panel width]      Per-thread blocking: one panel for all f, then the next. int8:
///                                           as the first, with slices instead of floats.
///   M [f][channel block][tile][16]          Of `panels_of_m` panels.
///
/// Immutable; the steps may run on several threads at once.
class WinogradSteps {
 public:
  WinogradSteps(const ConvShape& shape, ConstView weight, ConstView bias, const WinogradTiling& tiling,
                const WinogradBlocking& blocking, const ConvKernels& kernels);

  std::int64_t panels() const { return panels_; }
  std::int64_t in_blocks() const { return in_blocks_; }  ///< channel blocks of the input
  /// Channel blocks of the output in panels [0, panel), without the padding of the last panel.
  std::int64_t out_blocks(std::int64_t panel) const;
  std::int64_t v_size() const { return tiling_.frequencies() * v_stride_; }
  std::int64_t m_size() const { return tiling_.frequencies() * m_stride_; }
  /// Floats of scratch memory that a thread needs for multiply_int8(): V[f] as int8 slices.
  std::int64_t v_slices_size() const { return int8_ ? int8_->v_slices_size() : 0; }
  std::int64_t weight_bytes() const;
  std::int64_t product_flops() const;  ///< of an image's products, with padded channels and panels

  /// Step 1 for one channel block of the input.
  void transform_input(float* v, const Pixels<const float>& in, const WinogradBlock& block,
                       std::int64_t channel_block) const;
  /// Step 2 for one frequency and panel; `m` is the beginning of the panel's first channel block. Meanwhile
  /// prefetches the panel that lies `ahead` panels further in U into L2, for this thread; 0: none.
  void multiply(float* m, const float* v, const WinogradBlock& block, std::int64_t f, std::int64_t panel,
                std::int64_t ahead) const;
  /// Step 2 for one frequency and all panels, in int8.
  void multiply_int8(float* m, const float* v, const WinogradBlock& block, std::int64_t f,
                     float* v_slices) const;
  /// Step 3 for one channel block of the output, which begins at `m`.
  void transform_output(const Pixels<float>& out, const float* m, const WinogradBlock& block,
                        std::int64_t channel_block) const;

 private:
  void transform_filters(ConstView weight);
  void transform_panel(float* u, std::int64_t f_stride, ConstView weight, std::int64_t panel) const;
  /// The beginning of frequency f of a panel in U.
  std::int64_t panel_at(std::int64_t f, std::int64_t panel) const;
  std::int64_t channels() const { return in_blocks_ * kChannelBlock; }
  std::int64_t panel_size() const { return channels() * kernels_.panel; }
  std::int64_t strip_size() const { return channels() * most_strip_tiles_; }
  std::int64_t strip_tiles(std::int64_t tiles) const;

  ConvShape shape_;
  const ConvKernels& kernels_;
  WinogradTiling tiling_;
  WinogradBlocking blocking_;
  std::int64_t in_blocks_, panels_;
  std::int64_t most_strip_tiles_;
  std::int64_t v_stride_, m_stride_;  ///< from one frequency to the next
  std::optional<WinogradInt8> int8_;
  std::vector<long> offsets_;  ///< of the channel blocks of a strip
  FloatBuffer u_, bias_;
};

}  // namespace plainsight
