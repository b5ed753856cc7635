// The blocking of matrix products for this instruction set, in BLIS's names: the micro-tile of MR x NR that
// stays in registers, and the cache blocks KC, MC and NC. docs/course/gemm.md derives them.
//
// Register budget of the micro-kernel, rows of C x vectors of a row:
//   AVX-512  14 x 2: 28 accumulators + 2 of B + 1 broadcast of A = 31 of 32 registers
//   AVX2      6 x 2: 12 + 2 + 1 = 15 of 16
//   baseline  6 x 2: the same (SSE2: 16 registers; NEON: 32)
//   AMX      32 x 32 of int32: 4 accumulators (2 x 2 tiles) + 2 of A + 2 of B = 8 of 8 tile registers
#pragma once

#include "engine/kernels/simd/simd.inl.h"

#if defined(PLAINSIGHT_AMX)
static constexpr int kMR = 32, kNR = 32;
#else
static constexpr int kMR = kWidth == 16 ? 14 : 6, kNR = 2 * kWidth;
#endif
static constexpr int kNRVectors = kNR / kWidth;

// A micro-panel of A, MR x KC, stays in L1 while micro-panels of B stream past it from L2: 14 KB with
// AVX-512, 24 KB as int8 slices.
static constexpr int kKC = 256;
#if defined(PLAINSIGHT_AMX)
static constexpr int kMC = kMR * 32;
#else
static constexpr int kMC = kMR * 72;
#endif
// A block of B, KC x NC, stays in L2: 512 KB where vectors have 16 floats (386 KB as int8 slices) since every
// processor with AVX-512 has at least 1 MB, and 256 KB elsewhere, half of the usual 512 KB.
static constexpr int kNC = kWidth == 16 ? 512 : 256;
