#pragma once

namespace plainsight::plain {

/// Makes OpenBLAS choose its kernels by what the processor can do, where it would use its oldest ones because
/// it does not know the processor's model. OPENBLAS_CORETYPE, when set, has the last word. Returns true, for
/// the variable below.
bool choose_blas_kernels();

/// The set of kernels that OpenBLAS uses, such as "SkylakeX". Another one rounds differently.
const char* blas_kernels_name();

/// Runs before main() in every program that includes this header: no product may be under way meanwhile.
inline const bool kBlasKernelsChosen = choose_blas_kernels();

}  // namespace plainsight::plain
