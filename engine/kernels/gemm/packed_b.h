#pragma once

#include <cstdint>

#include "engine/base/arena.h"
#include "engine/kernels/gemm/packed_panels.h"
#include "engine/kernels/isa/table.h"
#include "engine/tensor/tensor.h"

namespace plainsight {

/// Whether an operand of a product is transposed.
enum class Trans : bool { no, yes };

/// op(B)[K,N] packed once for many products: weights. Immutable after construction, apart from repack().
class PackedB {
 public:
  PackedB() = default;
  /// Owns its copy.
  PackedB(ConstView B, Trans trans_b) : PackedB(kernels(), B, trans_b) {}
  PackedB(const KernelTable& table, ConstView B, Trans trans_b);
  /// Lives in `arena`: for weights that change with every training step.
  PackedB(ConstView B, Trans trans_b, Arena& arena);
  /// Packs again, from a matrix of the same shape, without allocating: weights that an optimiser changed.
  void repack(ConstView B, Trans trans_b);

  std::int64_t K() const { return panels_.depth(); }
  std::int64_t N() const { return panels_.rows(); }
  const PackedPanels& panels() const { return panels_; }
  const KernelTable& table() const { return *table_; }

 private:
  PackedB(const KernelTable& table, ConstView B, Trans trans_b, float* memory);

  const KernelTable* table_ = nullptr;
  FloatBuffer owned_;
  PackedPanels panels_;
};

}  // namespace plainsight
