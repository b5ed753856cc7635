#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/engine/kernels/tables.h"

using namespace plainsight;
using plainsight::test::for_each_table;

// parallel_for cuts a range according to the number of threads. So an element must get the same bits at every
// position of the range that its kernel is given: in a full vector, or among the remaining elements.

namespace {

struct Arrays {
  explicit Arrays(long n) : a(size(n)), b(size(n)), c(size(n)), d(size(n)) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> real(-3, 3), positive(0.01f, 3);
    for (auto* x : {&a, &b, &c}) {
      for (float& value : *x) value = real(random);
    }
    for (float& value : d) value = positive(random);
  }
  static std::size_t size(long n) { return static_cast<std::size_t>(n); }
  std::vector<float> a, b, c, d;
};

bool same_bits(const std::vector<float>& x, const std::vector<float>& y) {
  for (std::size_t i = 0; i < x.size(); ++i)
    if (std::bit_cast<std::uint32_t>(x[i]) != std::bit_cast<std::uint32_t>(y[i])) return false;
  return true;
}

bool same_bits(const Arrays& x, const Arrays& y) {
  return same_bits(x.a, y.a) && same_bits(x.b, y.b) && same_bits(x.c, y.c) && same_bits(x.d, y.d);
}

// `kernel(arrays, begin, n)` over the whole range, and over two ranges for every position of the cut; then
// over many elements at once and one by one.
template <class Kernel>
void check_cuts(const std::string& name, const KernelTable& t, Kernel kernel) {
  CAPTURE(name);
  const long n = 3 * t.width + 3;
  Arrays whole(n);
  kernel(whole, 0, n);
  for (long cut = 1; cut < n; ++cut) {
    CAPTURE(cut);
    Arrays parts(n);
    kernel(parts, 0, cut);
    kernel(parts, cut, n - cut);
    CHECK(same_bits(whole, parts));
  }
  const long many = 10000;
  Arrays together(many), alone(many);
  kernel(together, 0, many);
  for (long i = 0; i < many; ++i) kernel(alone, i, 1);
  CHECK(same_bits(together, alone));
}

}  // namespace

TEST_CASE("an element's bits do not depend on its place in a kernel's range") {
  for_each_table([](const KernelTable& t) {
    const ElementwiseKernels& k = t.elementwise;
    const auto cuts = [&](const char* name, auto kernel) { check_cuts(name, t, kernel); };
    cuts("relu", [&](Arrays& x, long i, long n) { k.relu(&x.a[i], &x.b[i], n); });
    cuts("exp", [&](Arrays& x, long i, long n) { k.exp(&x.a[i], &x.b[i], n); });
    cuts("tanh", [&](Arrays& x, long i, long n) { k.tanh(&x.a[i], &x.b[i], n); });
    cuts("sigmoid", [&](Arrays& x, long i, long n) { k.sigmoid(&x.a[i], &x.b[i], n); });
    cuts("add", [&](Arrays& x, long i, long n) { k.add(&x.a[i], &x.b[i], &x.c[i], n); });
    cuts("relu_backward", [&](Arrays& x, long i, long n) { k.relu_backward(&x.a[i], &x.b[i], &x.c[i], n); });
    cuts("tanh_backward", [&](Arrays& x, long i, long n) { k.tanh_backward(&x.a[i], &x.b[i], &x.c[i], n); });
    const AdamFactors f{0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 0.01f, 1e-3f, 0.5f};
    cuts("adam.step",
         [&](Arrays& x, long i, long n) { t.adam.step(&x.a[i], &x.b[i], &x.c[i], &x.d[i], n, f, false); });
    cuts("adam.idle_steps",
         [&](Arrays& x, long i, long n) { t.adam.idle_steps(&x.a[i], &x.c[i], &x.d[i], n, &f, 1); });
  });
}
