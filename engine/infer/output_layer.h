#pragma once

#include <cstdint>

#include "engine/base/arena.h"
#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/kernels/gemm/packed_panels.h"
#include "engine/kernels/isa/table.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The blocked traversal of a large output layer, z = x Wᵀ + b  (x[R,H]  W[V,H]  b[V]), which training
/// (FusedSoftmax) and decoding (TopkLogits) share. The logits z never exist as a whole: they are
/// computed block by block and used while the block is in cache.
///
///   chunk      one of 16 fixed runs of vocabulary blocks. Threads share the chunks; sums are taken within a
///              chunk and then over the chunks in their order, whatever the number of threads.
///   block      `block_cols` outputs: their packed weights stay in L2 while all rows of x pass.
///   row block  `row_block` rows of x: their logits of a block stay in L2 until they have been used.
///
/// The use of the logits is the caller's. Training knows a constant to subtract before it sees z, and keeps
/// exp(z) as floats for the gradients; decoding must find the maximum first, and sums in double. One kernel
/// for both would change the bits of one of them, or read z once more.
class OutputLayer {
 public:
  static constexpr std::int64_t kChunks = 16;

  struct Sizes {
    std::int64_t rows;  ///< the most that set_rows() takes
    std::int64_t hidden, vocab;
    std::int64_t block_cols;  ///< a multiple of NR
    std::int64_t row_block;   ///< rounded down to a multiple of MR
  };

  /// Outputs [first, first + cols).
  struct Block {
    std::int64_t first, cols;
    bool first_of_chunk;
  };

  /// Takes from `memory` what the packed rows need.
  OutputLayer(const KernelTable& table, const Sizes& sizes, Arena& memory);

  const Sizes& sizes() const { return sizes_; }
  std::int64_t blocks() const { return ceil_div(sizes_.vocab, sizes_.block_cols); }
  /// Threads that share the chunks: threads() when this was constructed, at most kChunks. Each needs scratch
  /// memory, z_size() floats of it for logits.
  std::int64_t workers() const { return workers_; }
  std::int64_t z_size() const { return sizes_.row_block * sizes_.block_cols; }

  /// The rows of the traversals that follow: x[R,H], R <= sizes().rows. Copies them in packed form.
  void set_rows(ConstView x);

  /// Calls f(chunk, worker) for every chunk, in parallel; calls with one worker follow one another.
  template <class F>
  void for_each_chunk(F&& f) const;
  /// Calls f(block) for each block of a chunk, in order. A chunk may be empty.
  template <class F>
  void for_each_block_of(std::int64_t chunk, F&& f) const;
  bool is_empty(std::int64_t chunk) const { return first_block(chunk) == first_block(chunk + 1); }

  /// For one row block after another: z = x W_blockᵀ, without b, then use(row, count) for its rows. z has
  /// z_size() floats, rows of block_cols; columns beyond the block's last are 0 up to a multiple of NR.
  template <class Use>
  void for_each_row_block(const PackedPanels& W_block, float* z, Use&& use) const;

 private:
  std::int64_t first_block(std::int64_t chunk) const { return blocks() * chunk / kChunks; }

  Sizes sizes_;
  const GemmKernels& gemm_;
  const std::int64_t workers_;
  float* x_memory_;
  PackedPanels x_;
};

template <class F>
void OutputLayer::for_each_chunk(F&& f) const {
  parallel_for(workers_, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t worker = begin; worker < end; ++worker)
      for (std::int64_t chunk = kChunks * worker / workers_; chunk < kChunks * (worker + 1) / workers_;
           ++chunk)
        f(chunk, worker);
  });
}

template <class F>
void OutputLayer::for_each_block_of(std::int64_t chunk, F&& f) const {
  const std::int64_t begin = first_block(chunk), end = first_block(chunk + 1);
  for (std::int64_t block = begin; block < end; ++block) {
    const std::int64_t first = block * sizes_.block_cols;
    f(Block{first, std::min(sizes_.block_cols, sizes_.vocab - first), block == begin});
  }
}

template <class Use>
void OutputLayer::for_each_row_block(const PackedPanels& W_block, float* z, Use&& use) const {
  for_each_block(x_.rows(), sizes_.row_block, [&](std::int64_t row, std::int64_t count) {
    multiply_panels(z, sizes_.block_cols, x_.slice_rows(row, count), W_block.padded(), Accumulate::no);
    use(row, count);
  });
}

}  // namespace plainsight
