#pragma once

#include <cstdint>

#include "engine/base/arena.h"
#include "engine/kernels/isa/table.h"
#include "engine/tensor/tensor.h"

namespace plainsight {

/// Whether an operand of a product is transposed.
enum class Trans : bool { no, yes };
/// Whether a product is added to C or replaces it.
enum class Accumulate : bool { no, yes };

/// C[M,N] = op(A)[M,K] op(B)[K,N], or C += with Accumulate::yes; op(X) is X or its transpose. Row-major; a
/// rank above two counts as [first, rest]. Every element of C is summed in an order that depends on K and the
/// table of kernels alone, whatever the sizes of C and the number of threads: the same row gives the same
/// bits alone and in a batch. Any size, also 0 (K = 0: C = 0). Throws ContractError when the shapes do not
/// fit.
///
/// Errors are those of a sum of float products, at most K 2^-24 sum(|a b|) or, with Isa::amx, below 2^-20 for
/// each k beside the largest |a| of the row and the largest |b| of the column in a block of kc, and 2^-24 of
/// C for each such block that is added to it. There a row
/// or column of numbers below 2^-105 counts as 0, and one beyond 2^105 may give infinity: gemm_amx.inl.h. NaN
/// and infinity are never hidden, and stay in their row or column, but either may come out as the other.
void gemm(View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b, Accumulate accumulate);

/// The same through a given table of kernels: what the tests run for every instruction set.
void gemm(const KernelTable& table, View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b,
          Accumulate accumulate);

/// op(B)[K,N] rearranged once for many products: weights. Immutable after construction, apart from repack().
class PackedB {
 public:
  PackedB() = default;
  /// Owns its copy.
  PackedB(ConstView B, Trans trans_b) : PackedB(kernels(), B, trans_b) {}
  PackedB(const KernelTable& table, ConstView B, Trans trans_b);
  /// Lives in `arena`: for weights that move with every training step.
  PackedB(ConstView B, Trans trans_b, Arena& arena);
  /// Packs again, from a matrix of the same shape, without allocating: weights that an optimiser moved.
  void repack(ConstView B, Trans trans_b);

  std::int64_t K() const { return k_; }
  std::int64_t N() const { return n_; }
  const float* panels() const { return panels_; }
  const KernelTable& table() const { return *table_; }

 private:
  PackedB(const KernelTable& table, ConstView B, Trans trans_b, float* memory);
  static std::size_t size(const KernelTable& table, ConstView B, Trans trans_b);

  const KernelTable* table_ = nullptr;
  std::int64_t k_ = 0, n_ = 0;
  FloatBuffer owned_;
  float* panels_ = nullptr;
};

/// C[M,N] (+)= A[M,K] B: the bits that gemm gives with the same table of kernels. For one row of A it reads B
/// once, at the speed of memory.
void gemm_packed(View C, ConstView A, const PackedB& B, Accumulate accumulate);

}  // namespace plainsight
