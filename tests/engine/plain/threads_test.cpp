#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "engine/plain/linear.h"

using namespace plainsight;

extern "C" {
int openblas_get_parallel();
int openblas_get_num_threads();
char* openblas_get_corename();
}

namespace {

// A product large enough to be shared out.
void multiply() {
  const plain::Matrix<float> a = plain::Matrix<float>::Ones(300, 300);
  plain::Matrix<float> c(300, 300);
  c.noalias() = a * a;
  CHECK(c(299, 299) == 300.0f);
}

}  // namespace

TEST_CASE("OpenBLAS is the build on OpenMP, and follows set_threads()") {
  constexpr int kOpenMp = 2;
  CHECK(openblas_get_parallel() == kOpenMp);
  const int before = threads();
  for (const int n : {3, 2, 4}) {  // one thread does not change what it remembers
    set_threads(n);
    multiply();
    CHECK(openblas_get_num_threads() == n);
  }
  set_threads(before);
}

#if defined(__x86_64__)
TEST_CASE("OpenBLAS does not use the kernels of 2004 on a processor with AVX2") {
  if (std::getenv("OPENBLAS_CORETYPE") != nullptr || !__builtin_cpu_supports("avx2")) return;
  CHECK(std::string(openblas_get_corename()) != "Prescott");
  multiply();
}
#endif
