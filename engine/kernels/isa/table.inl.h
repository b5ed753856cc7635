// The kernels of one instruction set. The including file defines PLAINSIGHT_ISA (the set's name),
// PLAINSIGHT_WIDTH (floats in a vector), and PLAINSIGHT_AMX where matrix products run on AMX's int8 tiles.
//
// Each body (*.inl.h) includes the bodies that it needs, all inside this set's namespace. #pragma once
// makes that one copy per set, because each set is one translation unit. So the order of the includes does
// not matter.

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "engine/kernels/isa/table.h"

namespace plainsight {
namespace PLAINSIGHT_ISA {

#include "engine/kernels/conv/conv_product.inl.h"
#include "engine/kernels/conv/winograd.inl.h"
#include "engine/kernels/gemm/dense.inl.h"
#include "engine/kernels/pointwise/adam.inl.h"
#include "engine/kernels/pointwise/cross_entropy.inl.h"
#include "engine/kernels/pointwise/elementwise.inl.h"
#include "engine/kernels/pointwise/lstm.inl.h"
#include "engine/kernels/pointwise/row.inl.h"
#if defined(PLAINSIGHT_AMX)
#include "engine/kernels/conv/winograd_int8.inl.h"
#include "engine/kernels/gemm/gemm_int8.inl.h"
#else
#include "engine/kernels/gemm/gemm.inl.h"
#endif

#if defined(PLAINSIGHT_AMX)
static constexpr const WinogradInt8Kernels* kWinogradInt8 = &kWinogradInt8Kernels;
#else
static constexpr const WinogradInt8Kernels* kWinogradInt8 = nullptr;
#endif

extern const KernelTable table;
const KernelTable table = {
    .isa = Isa::PLAINSIGHT_ISA,
    .width = kWidth,
    .elementwise = {.exp = exp_of,
                    .tanh = tanh_of,
                    .sigmoid = sigmoid_of,
                    .add = add,
                    .relu = relu,
                    .relu_backward = relu_backward,
                    .tanh_backward = tanh_backward},
    .lstm = {.forward = lstm_forward, .backward = lstm_backward},
    .adam = {.step = adam_step, .idle_steps = adam_idle_steps},
    .cross_entropy = {.dot = dot,
                      .exp_rows = exp_rows,
                      .weigh_rows = weigh_rows,
                      .add_transposed = add_transposed},
    .row = {.max = row_max, .exp_sum = row_exp_sum, .find_above = row_find_above},
    .gemm = {.mr = kMR,
             .nr = kNR,
             .kc = kKC,
             .mc = kMC,
             .nc = kNC,
             .float_panels = kFloatPanels,
             .packed_depth = packed_depth,
             .pack_a = pack_a,
             .pack_b = pack_b,
             .multiply = multiply,
             .dense = dense},
    .conv = {.rows = kConvRows,
             .panel = kConvPanel,
             .product = product_rows<kChannelBlock, kChannelBlock>,
             .planar_product = product_rows<1, 1>,
             .finish = finish_convolution,
             .winograd = {.transform_input = {{transform_input<4, 4>, transform_input<4, 6>},
                                              {transform_input<6, 4>, transform_input<6, 6>}},
                          .transform_weights = transform_weights,
                          .transform_output = {{transform_output<4, 4>, transform_output<4, 6>},
                                               {transform_output<6, 4>, transform_output<6, 6>}}},
             .winograd_int8 = kWinogradInt8},
};

}  // namespace PLAINSIGHT_ISA
}  // namespace plainsight
