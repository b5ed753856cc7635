#pragma once

#include "engine/kernels/gemm/packed_b.h"
#include "engine/kernels/isa/table.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// C[M,N] = op(A)[M,K] op(B)[K,N], or C += with Accumulate::yes; op(X) is X or its transpose. Row-major; a
/// rank above two counts as [first, rest]. Any size, also 0 (K = 0: C = 0). Throws ContractError when the
/// shapes do not fit.
///
/// The order in which an element of C is summed depends on K and the table of kernels alone, not on the sizes
/// of C nor on the number of threads: the same row gives the same bits alone and in a batch.
///
/// Errors of an element, where a is its row of A and b its column of B (docs/course/gemm.md):
///   - float tables: |error| <= K 2^-24 Σ|aₖ bₖ|.
///   - Isa::amx, whose floats are emulated by int8 slices: |error| <= kc 2^-20 max|a| max|b| for each block
///     of kc <= KC, with the maxima of that block, plus 2^-24 |C| for each block that is added. A row or
///     column whose elements are all below 2^-105 counts as 0; one with elements beyond 2^105 may give
///     infinity.
/// NaN and infinity are never hidden, and stay in their row or column, but either may come out as the other.
void gemm(View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b, Accumulate accumulate);

/// The same with a given table of kernels: the tests run every instruction set.
void gemm(const KernelTable& table, View C, ConstView A, Trans trans_a, ConstView B, Trans trans_b,
          Accumulate accumulate);

/// C[M,N] (+)= A[M,K] B: the bits of gemm() with the same table of kernels. For one row of A it reads B once,
/// at the speed of memory.
void gemm_packed(View C, ConstView A, const PackedB& B, Accumulate accumulate);

}  // namespace plainsight
