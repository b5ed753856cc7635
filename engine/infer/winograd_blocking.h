#pragma once

#include <cstdint>

#include "engine/infer/conv_shape.h"
#include "engine/infer/winograd_tiling.h"
#include "engine/kernels/conv/conv_kernels.h"

namespace plainsight {

/// How the tiles of a layer are cut into blocks, and which threads work on a block.
///
/// Per-thread blocking: one thread takes a block through all three steps. V of the block and M of one panel
/// stay in its L2 cache, while U streams from L3. No thread waits for another.
///
/// Cooperative blocking, for layers whose U is too large for a cache: U is streamed from memory, so each
/// panel must be reused for many tiles. All threads work on one large block, step by step. Its V and M stay
/// in L3, and V[f] stays in the L2 cache of a thread while it is multiplied with the panels of U[f].
struct WinogradBlocking {
  bool cooperative;
  bool int8;                 ///< products run in int8 on AMX; needs cooperative blocking
  std::int64_t tiles;        ///< most tiles of a block: a multiple of the rows of one product
  std::int64_t panels_of_m;  ///< panels of output channels that M holds: one, or (cooperative) all
};

WinogradBlocking choose_winograd_blocking(const ConvShape& shape, const WinogradTiling& tiling,
                                          const ConvKernels& kernels);

}  // namespace plainsight
