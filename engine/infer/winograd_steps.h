#pragma once

// The three steps of Winograd's convolution, V = B^T d B for each input tile, M[f] = U[f] V[f] for each of
// the frequencies f, and y = A^T M A with bias, ReLU and pool, on a block of tiles. docs/math/winograd.md has
// the derivation.
//
//   V [f][strip][channel block][row][16]   a block of tiles, in strips of as many rows as a product has
//   U [f][panel][channel][panel width]     the transformed weights; [panel][f] for a thread's own blocks
//   M [f][channel block][tile][16]         the products of `panels_of_m` panels of output channels
//
// On a matrix unit a strip is the whole block, U is kept as panels of digits, [f][panel][depth block], and
// those of V[f] are made just before its products.
//
// A picture is covered exactly by tiles of 6 and 4 results. The frequencies of a class concern a contiguous
// range of the block's tiles, and their V holds these alone.

#include <vector>

#include "engine/base/memory.h"
#include "engine/infer/conv_plan.h"
#include "engine/infer/winograd_block.h"

namespace plainsight {

/// How a layer is cut into blocks; winograd_method.cpp chooses.
struct WinogradBlocking {
  bool shared;  ///< the threads work on one block together; U's panels of a frequency follow one another
  std::int64_t tiles;        ///< most tiles of a block, a multiple of a product's rows
  std::int64_t panels_of_m;  ///< panels in M: all, or one
  bool digits;               ///< the products are a matrix unit's, of whole numbers; needs `shared`
};

/// A layer's transformed weights and the steps that use them. Immutable; the steps may run on several threads
/// at once.
class WinogradSteps {
 public:
  WinogradSteps(const ConvShape& shape, ConstView weight, ConstView bias, const WinogradTiling& tiling,
                const WinogradBlocking& blocking, const ConvKernels& kernels);

  std::int64_t panels() const { return panels_; }
  std::int64_t in_blocks() const { return blocks_; }  ///< channel blocks of the input
  /// Channel blocks of the output in panels [0, panel), without those that only fill up the last panel.
  std::int64_t out_blocks(std::int64_t panel) const;
  std::int64_t v_size() const { return tiling_.frequencies() * v_stride_; }
  std::int64_t m_size() const { return tiling_.frequencies() * m_stride_; }
  std::int64_t weight_bytes() const;
  std::int64_t product_flops() const;  ///< of an image's products, channels and panels filled up

  /// V of all tiles for one channel block of the input.
  void transform_inputs(float* v, const Pixels<const float>& in, const WinogradBlock& block,
                        std::int64_t channel_block) const;
  /// M[f] of one panel; `m` is where the panel's first channel block begins. The panel that this thread will
  /// want next is `ahead` panels further in U, or there is none (0): the products of this one bring it into
  /// the L2 cache, a part each.
  void multiply(float* m, const float* v, const WinogradBlock& block, std::int64_t f, std::int64_t panel,
                std::int64_t ahead) const;
  /// The same for all panels on a matrix unit. `digits` is memory for V[f] as panels.
  void multiply_digits(float* m, const float* v, const WinogradBlock& block, std::int64_t f,
                       float* digits) const;
  std::int64_t digits_size() const;  ///< floats of `digits`
  /// The results of one channel block of the output; `m` is where it begins.
  void transform_outputs(const Pixels<float>& out, const float* m, const WinogradBlock& block,
                         std::int64_t channel_block) const;

 private:
  void transform_weights(ConstView weight);
  void transform_panel(float* u, std::int64_t stride, ConstView weight, std::int64_t panel) const;
  void pack_panel(float* digits, const float* u) const;
  std::int64_t digits_of_panel() const;
  /// Where the weights of a frequency's panel begin: each schedule meets them one after another.
  std::int64_t panel_at(std::int64_t f, std::int64_t panel) const;
  std::int64_t channels() const { return blocks_ * kChannelBlock; }
  std::int64_t panel_size() const { return channels() * kernels_.panel; }
  std::int64_t strip_size() const { return channels() * most_rows_; }
  std::int64_t strip_rows(std::int64_t tiles) const;

  ConvShape shape_;
  const ConvKernels& kernels_;
  WinogradTiling tiling_;
  WinogradBlocking blocking_;
  std::int64_t blocks_, panels_;
  std::int64_t most_rows_;            ///< of a strip
  std::int64_t v_stride_, m_stride_;  ///< from one frequency to the next
  std::vector<long> offsets_;         ///< of the channel blocks of a strip
  FloatBuffer weights_, bias_;
};

}  // namespace plainsight
