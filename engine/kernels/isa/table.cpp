#include "engine/kernels/isa/table.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <cstdlib>
#include <string>

#include "engine/base/error.h"

namespace plainsight {

namespace baseline {
extern const KernelTable table;
}
#if defined(__x86_64__)
namespace avx2 {
extern const KernelTable table;
}
namespace avx512 {
extern const KernelTable table;
}
namespace amx {
extern const KernelTable table;
}

namespace {

// The processor has AMX int8 tiles, and Linux grants this process the tile registers, which it must request.
bool amx_supported() {
  constexpr unsigned kTile = 1u << 24, kInt8 = 1u << 25;
  // Linux: ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kTile) != 0 && (d & kInt8) != 0 &&
         syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

}  // namespace
#endif

const char* name_of(Isa isa) {
  switch (isa) {
    case Isa::baseline: return "baseline";
    case Isa::avx2: return "avx2";
    case Isa::avx512: return "avx512";
    case Isa::amx: return "amx";
  }
  return "?";
}

const KernelTable* kernels_for(Isa isa) {
  switch (isa) {
    case Isa::baseline: return &baseline::table;
#if defined(__x86_64__)
    // __builtin_cpu_supports also checks that the operating system saves the registers (XGETBV).
    case Isa::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &avx2::table : nullptr;
    case Isa::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                 ? &avx512::table
                 : nullptr;
    case Isa::amx: return kernels_for(Isa::avx512) != nullptr && amx_supported() ? &amx::table : nullptr;
#else
    default: return nullptr;
#endif
  }
  return nullptr;
}

namespace {

const KernelTable& choose() {
  const char* asked = std::getenv("PLAINSIGHT_ISA");
  if (asked != nullptr && *asked != 0) {
    for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512, Isa::amx}) {
      if (std::string(asked) != name_of(isa)) continue;
      if (const KernelTable* table = kernels_for(isa)) return *table;
      throw Error("unsupported instruction set", "PLAINSIGHT_ISA=" + std::string(asked),
                  "this machine lacks it", "Unset PLAINSIGHT_ISA to use the best one");
    }
    throw Error("unknown instruction set", "PLAINSIGHT_ISA=" + std::string(asked), "not a name known here",
                "Use baseline, avx2, avx512 or amx");
  }
  for (Isa isa : {Isa::amx, Isa::avx512, Isa::avx2})
    if (const KernelTable* table = kernels_for(isa)) return *table;
  return *kernels_for(Isa::baseline);
}

}  // namespace

const KernelTable& kernels() {
  static const KernelTable& table = choose();
  return table;
}

}  // namespace plainsight
