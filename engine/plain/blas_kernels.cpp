#include "engine/plain/blas_kernels.h"

#include <cstdlib>
#include <string_view>

extern "C" {
char* openblas_get_corename();
// Only builds of OpenBLAS that choose kernels at run time have these. They set the table of kernels anew and
// touch nothing else. That is safe here: before main() no product runs, and the shared library has made its
// first choice already. (A static library's own constructor might run later.)
[[gnu::weak]] void gotoblas_dynamic_init();
[[gnu::weak]] void gotoblas_dynamic_quit();
}

namespace plainsight::plain {

bool choose_blas_kernels() {
#if defined(__x86_64__)
  // OpenBLAS looks the model up in a list of those that it knew when it was released, and takes Prescott's
  // kernels (SSE3) for a newer one. Debian 12's OpenBLAS 0.3.21 does so on Intel's Xeons of 2023.
  const bool fallback = std::string_view(openblas_get_corename()) == "Prescott";
  const char* variable = "OPENBLAS_CORETYPE";
  if (!fallback || std::getenv(variable) != nullptr) return true;
  if (gotoblas_dynamic_init == nullptr || gotoblas_dynamic_quit == nullptr) return true;
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!avx2) return true;
  ::setenv(variable, avx512 ? "SkylakeX" : "Haswell", 1);
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  ::unsetenv(variable);
#endif
  return true;
}

const char* blas_kernels_name() { return openblas_get_corename(); }

}  // namespace plainsight::plain
