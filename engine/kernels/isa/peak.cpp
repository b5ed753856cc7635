#include "engine/kernels/isa/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "engine/base/memory.h"
#include "engine/base/parallel.h"

namespace plainsight {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

typedef float Vector4 __attribute__((vector_size(16)));
#if defined(__x86_64__)
typedef float Vector8 __attribute__((vector_size(32)));
typedef float Vector16 __attribute__((vector_size(64)));
#endif

constexpr int kChains = 12;       // latency 4-5 cycles x 2 units: 10 independent sums keep them busy
constexpr int kRounds = 1 << 16;  // about 0.2 ms

// The empty asm makes each sum pass through a register: the compiler can neither fold nor drop the work.
#define PLAINSIGHT_FMA_BURST(Vector)                             \
  Vector sum[kChains] = {}, a = {}, b = {};                      \
  a += 0.999f, b += 1e-3f;                                       \
  for (int r = 0; r < kRounds; ++r) {                            \
    _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i) { \
      sum[i] = sum[i] * a + b;                                   \
      PLAINSIGHT_KEEP(sum[i]);                                   \
    }                                                            \
  }
#if defined(__x86_64__)
#define PLAINSIGHT_KEEP(v) asm volatile("" : "+v"(v))
#else
#define PLAINSIGHT_KEEP(v) asm volatile("" : "+w"(v))
#endif

void burst_baseline() { PLAINSIGHT_FMA_BURST(Vector4) }
#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void burst_avx2() { PLAINSIGHT_FMA_BURST(Vector8) }
__attribute__((target("avx512f,avx512vl,fma"))) void burst_avx512() { PLAINSIGHT_FMA_BURST(Vector16) }
#endif

using Burst = void();
Burst* burst_for([[maybe_unused]] Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::avx2) return burst_avx2;
  if (isa != Isa::baseline) return burst_avx512;
#endif
  return burst_baseline;
}

}  // namespace

double fma_peak(const KernelTable& table, double seconds) {
  Burst* const burst = burst_for(table.isa);
  // The fastest of many rounds of about 2 ms, so that other programs do not lower the peak.
  constexpr int kBursts = 10;
  double fastest = 1e300;
  const auto start = Clock::now();
  while (seconds_since(start) < seconds) {
    const auto round = Clock::now();
    parallel_for(threads(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t)
        for (int i = 0; i < kBursts; ++i) burst();
    });
    fastest = std::min(fastest, seconds_since(round));
  }
  return 1.0 * kBursts * threads() * kRounds * kChains * table.width * 2 / fastest / 1e9;
}

double triad(double seconds) {
  const std::int64_t n = std::int64_t{1} << 25;
  const FloatBuffer a = allocate_floats(n), b = allocate_floats(n), c = allocate_floats(n);
  double passes = 0, elapsed = 0;
  const auto start = Clock::now();
  while ((elapsed = seconds_since(start)) < seconds) {
    parallel_for(n, 4096, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) a[i] = b[i] + 3.0f * c[i];
    });
    ++passes;
  }
  return passes * static_cast<double>(n) * 12 / elapsed / 1e9;
}

}  // namespace plainsight
