#pragma once

#include "engine/base/round.h"
#include "engine/kernels/conv/conv_kernels.h"

namespace plainsight {

/// Winograd's products M[f] = V[f] U[f] in int8 on AMX, by an Ozaki scheme (docs/course/gemm.md): the
/// channels of a tile, and those of an output channel, are scaled to 24-bit integers. Each is split into
/// three int8 slices, whose products are summed exactly. Operands are panels of slices:
///
///   V [depth block][panel of 32 tiles]           split from V[f] just before its products
///   U [panel of 32 output channels][depth block] split once, when the plan is built
///
/// A depth block has at most `depth` channels of the kernels, with separate scales.
class WinogradInt8 {
 public:
  /// @param channels  of the input, and `panels` of the output, both padded; `tiles`: most tiles of a block.
  WinogradInt8(const WinogradInt8Kernels& kernels, std::int64_t channels, std::int64_t panels,
               std::int64_t tiles);

  /// Floats of memory that the slices of one panel of U (or V) take, for all channels.
  std::int64_t panel_size() const { return panel_size_; }
  /// Floats of memory that the slices of V[f] take.
  std::int64_t v_slices_size() const { return tiles_ / kernels_.panel * panel_size_; }

  /// Splits one panel of U, [channel][panel].
  void split_filter(float* slices, const float* u) const;
  /// M [channel block][tile][16] = V U at one frequency for tiles [0, tiles) and all panels. v [channel
  /// block][tile][16] and m have room for the most tiles of a block; `v_slices` is scratch memory.
  void multiply(float* m, const float* v, const float* u_slices, std::int64_t tiles, float* v_slices) const;

 private:
  const WinogradInt8Kernels& kernels_;
  std::int64_t channels_, panels_, tiles_, panel_size_ = 0;
};

}  // namespace plainsight
