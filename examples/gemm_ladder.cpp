// C[M,N] = A[M,K] B[K,N], row-major, in steps from the formula to the library. Each step is one function and
// adds one idea:
//   naive      the formula. The inner loop walks down a column of B: a new cache line for every product.
//   reordered  the inner loop walks along rows of B and C, so the compiler can use vectors.
//   blocked    a block of B stays in the L2 cache while all rows of A use it.
//   packed     blocks are copied into the order in which they are read, and a tile of C stays in registers.
//   SIMD       the same with this processor's widest vectors, and a*b+c as one instruction.
//   gemm()     the library: the same loops; with AMX, int8 slices instead of floats.
// and OpenBLAS, for comparison. Names are BLIS's; docs/course/gemm.md draws the blocking.
//
// usage: gemm_ladder [M N K]      prints GFLOP/s of each step on one thread, fails when a result is wrong

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/kernels/gemm/gemm.h"
#include "engine/plain/map.h"

using namespace plainsight;

namespace {

struct Sizes {
  long M, N, K;
};

// Step 1. c[i,j] = Σₖ a[i,k] b[k,j]
void naive(float* C, const float* A, const float* B, Sizes s) {
  for (long i = 0; i < s.M; ++i)
    for (long j = 0; j < s.N; ++j) {
      float sum = 0;
      for (long k = 0; k < s.K; ++k) sum += A[i * s.K + k] * B[k * s.N + j];
      C[i * s.N + j] = sum;
    }
}

// Step 2. Row i of C is a sum of rows of B: no addition waits for the last one, and addresses
// are consecutive.
void reordered(float* C, const float* A, const float* B, Sizes s) {
  std::fill_n(C, s.M * s.N, 0.0f);
  for (long i = 0; i < s.M; ++i)
    for (long k = 0; k < s.K; ++k)
      for (long j = 0; j < s.N; ++j) C[i * s.N + j] += A[i * s.K + k] * B[k * s.N + j];
}

// Step 3. B in blocks of 128 x 512 floats: 256 KB, which fits in L2. Step 2 reads all of B for each row of A.
void blocked(float* C, const float* A, const float* B, Sizes s) {
  constexpr long kDepth = 128, kCols = 512;
  std::fill_n(C, s.M * s.N, 0.0f);
  for (long j0 = 0; j0 < s.N; j0 += kCols)
    for (long k0 = 0; k0 < s.K; k0 += kDepth)
      for (long i = 0; i < s.M; ++i)
        for (long k = k0; k < std::min(k0 + kDepth, s.K); ++k)
          for (long j = j0; j < std::min(j0 + kCols, s.N); ++j)
            C[i * s.N + j] += A[i * s.K + k] * B[k * s.N + j];
}

// Steps 4 and 5 keep a micro-tile of C, MR x NR, in registers and add all products of a block to it before it
// returns to memory: step 3 loads and stores an element of C for each multiply-add.

/// C[MR,NR] += a b, with a micro-panel of A, a[depth][MR], and one of B, b[depth][NR].
struct MicroKernel {
  long mr, nr;
  void (*run)(float* C, long ldc, const float* a, const float* b, long depth);
};

// 4 x 8 sums are 8 SSE registers, which leaves 8 for a and b.
void scalar_kernel(float* C, long ldc, const float* a, const float* b, long depth) {
  float sum[4][8] = {};
  for (long k = 0; k < depth; ++k, a += 4, b += 8)
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 8; ++j) sum[i][j] += a[i] * b[j];
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 8; ++j) C[i * ldc + j] += sum[i][j];
}

/// MR rows of two vectors of kWidth floats. A multiply-add takes 4 cycles and two start in each cycle, so 8
/// independent sums are the least that keeps the units busy.
template <int kWidth, int MR>
inline __attribute__((always_inline)) void simd_kernel(float* C, long ldc, const float* a, const float* b,
                                                       long depth) {
  typedef float Vector __attribute__((vector_size(4 * kWidth), aligned(4), may_alias));
  Vector sum[MR][2] = {};
  for (long k = 0; k < depth; ++k, a += MR, b += 2 * kWidth) {
    const Vector* const row = reinterpret_cast<const Vector*>(b);
    _Pragma("GCC unroll 16") for (int i = 0; i < MR; ++i) {
      sum[i][0] += a[i] * row[0];
      sum[i][1] += a[i] * row[1];
    }
  }
  _Pragma("GCC unroll 16") for (int i = 0; i < MR; ++i) {
    Vector* const row = reinterpret_cast<Vector*>(C + i * ldc);
    row[0] += sum[i][0];
    row[1] += sum[i][1];
  }
}

// 6 x 2 sums + 2 of b + 1 of a = 15 registers of 16; with AVX-512, 14 x 2 + 2 + 1 = 31 of 32.
void simd_kernel4(float* C, long ldc, const float* a, const float* b, long depth) {
  simd_kernel<4, 6>(C, ldc, a, b, depth);
}
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void simd_kernel8(float* C, long ldc, const float* a, const float* b,
                                                      long depth) {
  simd_kernel<8, 6>(C, ldc, a, b, depth);
}
__attribute__((target("avx512f,fma"))) void simd_kernel16(float* C, long ldc, const float* a, const float* b,
                                                          long depth) {
  simd_kernel<16, 14>(C, ldc, a, b, depth);
}
#endif

MicroKernel widest_kernel() {
#if defined(__x86_64__)
  if (kernels().width == 16) return {14, 32, simd_kernel16};
  if (kernels().width == 8) return {6, 16, simd_kernel8};
#endif
  return {6, 8, simd_kernel4};
}

/// Copies `rows` rows of a block into panels of `width` rows, depth first: panel[k][row]. Element (row, k) of
/// the block is at from[row * row_step + k * depth_step]. The last panel is filled up with zeros.
void pack(float* panels, const float* from, long rows, long row_step, long depth, long depth_step,
          long width) {
  for (long first = 0; first < rows; first += width, panels += width * depth)
    for (long k = 0; k < depth; ++k)
      for (long i = 0; i < width; ++i)
        panels[k * width + i] = first + i < rows ? from[(first + i) * row_step + k * depth_step] : 0.0f;
}

// The packed panels of a block of A [m, depth] and a block of B [depth, n], micro-tile after micro-tile.
void multiply_panels(float* C, long ldc, const float* a, const float* b, long m, long n, long depth,
                     MicroKernel kernel) {
  std::vector<float> edge(kernel.mr * kernel.nr);
  for (long j = 0; j < n; j += kernel.nr)    // a micro-panel of B (depth x NR) stays in L1
    for (long i = 0; i < m; i += kernel.mr)  // for all micro-panels of A
    {
      float* const tile = C + i * ldc + j;
      if (i + kernel.mr <= m && j + kernel.nr <= n) {
        kernel.run(tile, ldc, a + i * depth, b + j * depth, depth);
        continue;
      }
      // A tile over the edge of C: computed in full elsewhere, its part inside C added.
      std::fill(edge.begin(), edge.end(), 0.0f);
      kernel.run(edge.data(), kernel.nr, a + i * depth, b + j * depth, depth);
      for (long r = 0; r < std::min(kernel.mr, m - i); ++r)
        for (long c = 0; c < std::min(kernel.nr, n - j); ++c) tile[r * ldc + c] += edge[r * kernel.nr + c];
    }
}

// Steps 4 and 5: the five loops of BLIS around a micro-kernel.
void packed(float* C, const float* A, const float* B, Sizes s, MicroKernel kernel) {
  constexpr long KC = 256;          // a micro-panel of A and one of B fit in L1
  const long MC = kernel.mr * 20;   // a block of A, up to 280 x 256 floats, fits in L2
  const long NC = kernel.nr * 128;  // a block of B fits in L3
  std::vector<float> a(MC * KC), b(NC * KC);
  std::fill_n(C, s.M * s.N, 0.0f);
  for (long j = 0; j < s.N; j += NC) {
    const long n = std::min(NC, s.N - j);
    for (long k = 0; k < s.K; k += KC) {
      const long depth = std::min(KC, s.K - k);
      pack(b.data(), B + k * s.N + j, n, 1, depth, s.N, kernel.nr);
      for (long i = 0; i < s.M; i += MC) {
        const long m = std::min(MC, s.M - i);
        pack(a.data(), A + i * s.K + k, m, s.K, depth, 1, kernel.mr);
        multiply_panels(C + i * s.N + j, s.N, a.data(), b.data(), m, n, depth, kernel);
      }
    }
  }
}

void openblas(View C, ConstView A, ConstView B) {
  plain::matrix(C).noalias() = plain::matrix(A) * plain::matrix(B);
}

Tensor random_matrix(long rows, long cols, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  Tensor x({rows, cols});
  for (long i = 0; i < x.size(); ++i) x[i] = uniform(random);
  return x;
}

/// Largest |C - A B|, A B summed in double; infinity when C has a NaN.
double error_of(const Tensor& C, const Tensor& A, const Tensor& B, Sizes s) {
  double largest = 0;
  std::vector<double> row(s.N);
  for (long i = 0; i < s.M; ++i) {
    std::fill(row.begin(), row.end(), 0.0);
    for (long k = 0; k < s.K; ++k)
      for (long j = 0; j < s.N; ++j) row[j] += double{A[i * s.K + k]} * double{B[k * s.N + j]};
    for (long j = 0; j < s.N; ++j) {
      const double error = std::abs(double{C[i * s.N + j]} - row[j]);
      largest = error <= largest ? largest : std::isnan(error) ? INFINITY : error;
    }
  }
  return largest;
}

/// The fastest of three rounds of at least 50 ms: GFLOP/s.
double rate(const std::function<void()>& product, Sizes s) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int round = 0; round < 3; ++round) {
    const auto start = Clock::now();
    double seconds = 0, products = 0;
    do {
      product();
      products += 1;
      seconds = std::chrono::duration<double>(Clock::now() - start).count();
    } while (seconds < 0.05);
    best = std::max(best, products * 2e-9 * double(s.M) * double(s.N) * double(s.K) / seconds);
  }
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  Sizes s{960, 960, 960};
  if (argc == 4) s = {std::atol(argv[1]), std::atol(argv[2]), std::atol(argv[3])};
  if ((argc != 1 && argc != 4) || std::min({s.M, s.N, s.K}) < 1) {
    std::fprintf(stderr, "usage: gemm_ladder [M N K]\n");
    return 2;
  }
  set_threads(1);
  const Tensor A = random_matrix(s.M, s.K, 1), B = random_matrix(s.K, s.N, 2);
  Tensor C({s.M, s.N});
  const MicroKernel scalar{4, 8, scalar_kernel}, simd = widest_kernel();
  const struct {
    const char* name;
    std::function<void()> product;
  } steps[] = {
      {"naive", [&] { naive(C.data(), A.data(), B.data(), s); }},
      {"reordered", [&] { reordered(C.data(), A.data(), B.data(), s); }},
      {"blocked", [&] { blocked(C.data(), A.data(), B.data(), s); }},
      {"packed", [&] { packed(C.data(), A.data(), B.data(), s, scalar); }},
      {"SIMD", [&] { packed(C.data(), A.data(), B.data(), s, simd); }},
      {"gemm()", [&] { gemm(C, A, Trans::no, B, Trans::no, Accumulate::no); }},
      {"OpenBLAS", [&] { openblas(C, A, B); }},
  };
  std::printf("%ld x %ld x %ld on one thread, %s\n", s.M, s.N, s.K, name_of(kernels().isa));
  std::printf("%-10s %8s %10s %10s   %s\n", "step", "GFLOP/s", "of before", "of naive", "largest error");
  // gemm.h's bound for int8 slices; float sums of these lengths stay far below it.
  const double tolerance = double(s.K) * 0x1p-20;
  bool good = true;
  double first = 0, before = 0;
  for (const auto& step : steps) {
    std::fill_n(C.data(), C.size(), NAN);
    const double now = rate(step.product, s), error = error_of(C, A, B, s);
    if (first == 0) first = before = now;
    std::printf("%-10s %8.2f %9.2fx %9.1fx   %.1e%s\n", step.name, now, now / before, now / first, error,
                error <= tolerance ? "" : "  WRONG");
    good = good && error <= tolerance;
    before = now;
  }
  return good ? 0 : 1;
}
