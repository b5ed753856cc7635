// The kernels of one instruction set. The including file defines PLAINSIGHT_ISA (the set's name) and
// PLAINSIGHT_WIDTH.

#include "engine/kernels/table.h"

namespace plainsight {
namespace PLAINSIGHT_ISA {

#include "engine/kernels/simd.inl.h"
//
#include "engine/kernels/gemm.inl.h"
#include "engine/kernels/relu.inl.h"

extern const KernelTable table;
const KernelTable table = {
    .isa = Isa::PLAINSIGHT_ISA,
    .width = kWidth,
    .relu = relu,
    .gemm = {.mr = kRows,
             .nr = kCols,
             .kc = kDepthBlock,
             .mc = kRowBlock,
             .nc = kColBlock,
             .pack_a = pack_a,
             .pack_b = pack_b,
             .multiply = multiply},
};

}  // namespace PLAINSIGHT_ISA
}  // namespace plainsight
