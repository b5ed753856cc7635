#pragma once

#include "engine/kernels/conv/conv_kernels.h"
#include "engine/kernels/gemm/gemm_kernels.h"
#include "engine/kernels/pointwise/adam_kernels.h"
#include "engine/kernels/pointwise/cross_entropy_kernels.h"
#include "engine/kernels/pointwise/elementwise_kernels.h"
#include "engine/kernels/pointwise/lstm_kernels.h"
#include "engine/kernels/pointwise/row_kernels.h"

namespace plainsight {

/// The instruction set that a table was compiled for. amx: AVX-512, with matrix products on AMX int8 tiles.
enum class Isa { baseline, avx2, avx512, amx };

const char* name_of(Isa isa);

/// Pointers to every kernel, compiled for one instruction set; what differs by set (vector width, tile sizes)
/// is data here. Kernels take plain pointers and sizes: they are compiled with their own flags and must not
/// share inline code with others.
struct KernelTable {
  Isa isa;
  int width;  ///< floats in a vector
  ElementwiseKernels elementwise;
  LstmKernels lstm;
  AdamKernels adam;
  CrossEntropyKernels cross_entropy;
  RowKernels row;
  GemmKernels gemm;  ///< matrix products: gemm.h is what to call
  ConvKernels conv;  ///< 3x3 convolutions: engine/infer/conv_plan.h is what to call
};

/// The table in use: the widest that this machine supports, or the one that
/// PLAINSIGHT_ISA=baseline|avx2|avx512|amx selects. Throws Error when it is unknown or unsupported here.
const KernelTable& kernels();

/// The table of one set, or nullptr when this machine (or this build) lacks it. Tests run every one.
const KernelTable* kernels_for(Isa isa);

}  // namespace plainsight
