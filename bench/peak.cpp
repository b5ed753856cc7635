// Prints the peaks of this machine: float multiply-adds in registers for every instruction set (AMX uses
// those of AVX-512), and memory traffic.

#include "engine/kernels/isa/peak.h"

#include <cstdio>
#include <initializer_list>

#include "engine/base/parallel.h"

using namespace plainsight;

int main() {
  const int all = threads();
  for (int t = 1; t <= all; t += all > 1 ? all - 1 : 1) {
    set_threads(t);
    for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512})
      if (const KernelTable* table = kernels_for(isa))
        std::printf("%-8s multiply-add, %2d threads  %7.1f GFLOP/s\n", name_of(isa), t,
                    fma_peak(*table, 0.5));
    std::printf("memory triad, %2d threads           %7.1f GB/s\n", t, triad(0.5));
  }
}
