// Compares our GEMM with OpenBLAS's on the same operands, alternating in one run. Prints for each shape the
// median rates, the median and quartiles of the ratio of neighbouring turns, and our share of the
// multiply-add peak, which is measured in every round too.

#include "engine/kernels/gemm/gemm.h"

#include <cblas.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/peak.h"
#include "engine/plain/blas_kernels.h"

extern "C" void openblas_set_num_threads(int);
extern "C" char* openblas_get_config();
extern "C" char* openblas_get_corename();

using namespace plainsight;

namespace {

struct Problem {
  const char* name;
  std::int64_t m, n, k;
  Trans ta, tb;
  bool packed;  // B is packed once: weights that many products use
};

constexpr Trans kNo = Trans::no, kYes = Trans::yes;
const Problem kProblems[] = {
    {"output layer forward", 680, 30524, 256, kNo, kYes, false},
    {"output layer dX", 680, 256, 30524, kNo, kNo, false},
    {"output layer dW", 30524, 256, 680, kYes, kNo, false},
    {"recurrent step", 64, 1024, 256, kNo, kYes, true},
    {"recurrent step backward", 64, 256, 1024, kNo, kNo, true},
    {"recurrent dW", 1024, 256, 680, kYes, kNo, false},
    {"image projection", 64, 256, 4096, kNo, kYes, false},
    {"image projection dW", 256, 4096, 64, kYes, kNo, false},
    {"decode 1", 1, 30524, 256, kNo, kYes, true},
    {"decode 3", 3, 30524, 256, kNo, kYes, true},
    {"decode 64", 64, 30524, 256, kNo, kYes, true},
    {"square 512", 512, 512, 512, kNo, kNo, false},
    {"square 1024", 1024, 1024, 1024, kNo, kNo, false},
    {"square 2048", 2048, 2048, 2048, kNo, kNo, false},
};

Tensor random_tensor(Shape shape) {
  Tensor t(shape);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> real(-1, 1);
  for (std::int64_t i = 0; i < t.size(); ++i) t[i] = real(random);
  return t;
}

template <class F>
double seconds(int repeats, F&& f) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repeats; ++i) f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / repeats;
}

double quantile(std::vector<double> x, double q) {
  std::sort(x.begin(), x.end());
  return x[static_cast<std::size_t>(q * static_cast<double>(x.size() - 1) + 0.5)];
}

void compare(const Problem& p, int rounds) {
  const bool ta = p.ta == kYes, tb = p.tb == kYes;
  const Tensor a = random_tensor(ta ? Shape{p.k, p.m} : Shape{p.m, p.k});
  const Tensor b = random_tensor(tb ? Shape{p.n, p.k} : Shape{p.k, p.n});
  Tensor c({p.m, p.n});
  const PackedB packed = p.packed ? PackedB(b, p.tb) : PackedB();
  const auto ours = [&] {
    if (p.packed)
      gemm_packed(c, a, packed, Accumulate::no);
    else
      gemm(c, a, p.ta, b, p.tb, Accumulate::no);
  };
  const auto theirs = [&] {
    cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans,
                static_cast<int>(p.m), static_cast<int>(p.n), static_cast<int>(p.k), 1, a.data(),
                static_cast<int>(ta ? p.m : p.k), b.data(), static_cast<int>(tb ? p.k : p.n), 0, c.data(),
                static_cast<int>(p.n));
  };
  const double flop = 2.0 * static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k);
  const int repeats = std::max(1, static_cast<int>(2e9 / flop));
  ours(), theirs();
  std::vector<double> our_rate, their_rate, ratio, share;
  for (int r = 0; r < rounds; ++r) {
    const double s = seconds(repeats, ours), t = seconds(repeats, theirs);
    our_rate.push_back(flop / s / 1e9);
    their_rate.push_back(flop / t / 1e9);
    ratio.push_back(t / s);
    share.push_back(flop / s / 1e9 / fma_peak(kernels(), 0.01));
  }
  std::printf("%-24s %6lld %6lld %6lld  %7.1f  %7.1f   %5.2f (%.2f-%.2f)   %5.1f %%\n", p.name,
              static_cast<long long>(p.m), static_cast<long long>(p.n), static_cast<long long>(p.k),
              quantile(our_rate, 0.5), quantile(their_rate, 0.5), quantile(ratio, 0.5), quantile(ratio, 0.25),
              quantile(ratio, 0.75), 100 * quantile(share, 0.5));
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 9;
  openblas_set_num_threads(threads());
  std::printf("%s (%s); our table: %s; %d threads; %d rounds\n", openblas_get_config(),
              openblas_get_corename(), name_of(kernels().isa), threads(), rounds);
  std::printf("%-24s %6s %6s %6s  %7s  %7s   %5s (quartiles)   %s\n", "product", "M", "N", "K", "ours",
              "OpenBLAS", "ratio", "of the FMA peak");
  for (const Problem& p : kProblems) compare(p, rounds);
}
