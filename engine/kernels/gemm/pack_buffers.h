#pragma once

#include "engine/base/memory.h"
#include "engine/kernels/gemm/gemm_kernels.h"

namespace plainsight {

/// One thread's memory for the packed blocks of gemm(): A's [MC,KC] and B's [KC,NC], 1.5 MB with AVX-512.
struct PackBuffers {
  FloatBuffer a, b;
};

/// The calling thread's buffers, allocated at its first product with these kernels and kept.
///
/// This is the engine's only hidden per-thread memory. gemm() runs on OpenMP's threads, which live as long as
/// the process, so the buffers could otherwise come from the caller alone: every operation, layer and test
/// would carry one scratch arena for each thread, for 1.5 MB that no result depends on. A product could also
/// allocate them itself, but then a training step would not be free of malloc.
PackBuffers& pack_buffers(const GemmKernels& g);

}  // namespace plainsight
