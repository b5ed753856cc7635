#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/engine/kernels/tables.h"
#include "tests/support/guarded.h"

using namespace plainsight;
using plainsight::test::for_each_table;
using plainsight::test::Guarded;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// |got - want| in units of the last place of a float near want.
double ulps(float got, double want) {
  if (std::isnan(want)) return std::isnan(got) ? 0 : kInf;
  const auto rounded = static_cast<float>(want);
  if (got == rounded) return 0;
  if (std::isinf(rounded) || std::isinf(got)) return kInf;
  const double place = std::max(std::ldexp(1.0, std::ilogb(want) - 23), std::ldexp(1.0, -149));
  return std::abs(static_cast<double>(got) - want) / place;
}

using Unary = void (*)(float*, const float*, long);

// The largest error over every 997th float, each once: all signs and exponents, infinities and NaNs.
double worst_ulps(Unary f, double (*reference)(double), float normal_above) {
  constexpr std::int64_t kCount = (std::int64_t{1} << 32) / 997;
  std::vector<float> x(4099), y(x.size());
  double worst = 0;
  for (std::int64_t begin = 0; begin < kCount; begin += static_cast<std::int64_t>(x.size())) {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = std::bit_cast<float>(static_cast<std::uint32_t>((begin + static_cast<std::int64_t>(i)) * 997));
    f(y.data(), x.data(), static_cast<long>(x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double want = reference(x[i]);
      if (std::abs(want) < static_cast<double>(normal_above)) {
        CHECK(std::abs(y[i]) <= normal_above);
        continue;
      }
      const double error = ulps(y[i], want);
      if (error > worst) {
        worst = error;
        INFO("x = ", x[i], " gives ", y[i], ", expected ", want);
        if (error > 100) CHECK(error <= 100);
      }
    }
  }
  return worst;
}

double sigmoid_reference(double x) { return 1 / (1 + std::exp(-x)); }

void fill(Guarded& x, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> real(-3, 3);
  for (std::int64_t i = 0; i < x.size(); ++i) x[i] = real(random);
}

std::vector<std::int64_t> sizes(const KernelTable& t) {
  const std::int64_t w = t.width;
  return {0, 1, w - 1, w, w + 1, 2 * w + 3, 256};
}

}  // namespace

TEST_CASE("exp, tanh and sigmoid stay within the errors that their comments state") {
  for_each_table([](const KernelTable& t) {
    const double e = worst_ulps(t.elementwise.exp, std::exp, 0);
    const double h = worst_ulps(t.elementwise.tanh, std::tanh, 0);
    const double s = worst_ulps(t.elementwise.sigmoid, sigmoid_reference, std::numeric_limits<float>::min());
    MESSAGE(std::string(name_of(t.isa)), ": exp ", e, " tanh ", h, " sigmoid ", s, " ulp");
    CHECK(e <= 1.1);
    CHECK(h <= 1.5);
    CHECK(s <= 2.5);
  });
}

TEST_CASE("exp, tanh and sigmoid at the ends of the range") {
  for_each_table([](const KernelTable& t) {
    const std::vector<float> x{-kInf, kInf,   kNan,   0.0f,    -0.0f,  -1e30f,
                               1e30f, 88.72f, 88.73f, -103.9f, -104.1f};
    std::vector<float> y(x.size());
    const auto n = static_cast<long>(x.size());
    t.elementwise.exp(y.data(), x.data(), n);
    CHECK(y[0] == 0);
    CHECK(y[1] == kInf);
    CHECK(std::isnan(y[2]));
    CHECK(y[3] == 1);
    CHECK(y[5] == 0);
    CHECK(y[6] == kInf);
    CHECK(std::isfinite(y[7]));
    CHECK(y[8] == kInf);
    CHECK(y[9] > 0);
    CHECK(y[10] == 0);
    t.elementwise.tanh(y.data(), x.data(), n);
    CHECK(y[0] == -1);
    CHECK(y[1] == 1);
    CHECK(std::isnan(y[2]));
    CHECK((y[4] == 0 && std::signbit(y[4])));
    t.elementwise.sigmoid(y.data(), x.data(), n);
    CHECK(y[0] == 0);
    CHECK(y[1] == 1);
    CHECK(std::isnan(y[2]));
    CHECK(y[3] == 0.5f);
  });
}

TEST_CASE("elementwise kernels write every element of every size and nothing else") {
  for_each_table([](const KernelTable& t) {
    for (std::int64_t n : sizes(t)) {
      Guarded a(n), b(n), y(n);
      fill(a, 1);
      fill(b, 2);
      const ElementwiseKernels& k = t.elementwise;
      const auto check = [&](auto&& want) {
        for (std::int64_t i = 0; i < n; ++i) CHECK(y[i] == doctest::Approx(want(i)).epsilon(3e-7));
      };
      k.exp(y.data(), a.data(), n);
      check([&](std::int64_t i) { return std::exp(static_cast<double>(a[i])); });
      k.add(y.data(), a.data(), b.data(), n);
      check([&](std::int64_t i) { return static_cast<double>(a[i]) + b[i]; });
      std::copy_n(b.data(), n, y.data());
      k.relu_backward(y.data(), a.data(), b.data(), n);
      check([&](std::int64_t i) { return static_cast<double>(b[i]) + (b[i] > 0 ? a[i] : 0.0f); });
      std::copy_n(b.data(), n, y.data());
      k.tanh_backward(y.data(), a.data(), b.data(), n);
      check([&](std::int64_t i) { return b[i] + a[i] * (1.0 - static_cast<double>(b[i]) * b[i]); });
    }
  });
}

TEST_CASE("LSTM gate kernels follow their formulas, forward and backward") {
  for_each_table([](const KernelTable& t) {
    for (std::int64_t H : sizes(t))
      for (bool first : {false, true}) {
        const std::int64_t rows = 3, n = rows * H;
        Guarded sums(4 * n), gates(4 * n), c(n), h(n), c_prev(n), dgates(4 * n), dc(n), dc_next(n), dh(n);
        fill(sums, 1), fill(c_prev, 2), fill(dc_next, 3), fill(dh, 4);
        std::copy_n(sums.data(), 4 * n, gates.data());
        std::copy_n(dc_next.data(), n, dc.data());
        t.lstm.forward(gates.data(), c.data(), h.data(), first ? nullptr : c_prev.data(), rows, H);
        t.lstm.backward(dgates.data(), dc.data(), dh.data(), gates.data(), c.data(),
                        first ? nullptr : c_prev.data(), rows, H);
        // Sums of a few terms of size up to 10, each with an error of a few ulp.
        const auto near = [](double want) { return doctest::Approx(want).epsilon(1e-6).scale(3); };
        for (std::int64_t r = 0; r < rows; ++r)
          for (std::int64_t k = 0; k < H; ++k) {
            const auto sum = [&](int gate) { return static_cast<double>(sums[(r * 4 + gate) * H + k]); };
            const auto saved = [&](int gate) { return gates[(r * 4 + gate) * H + k]; };
            const auto grad = [&](int gate) { return dgates[(r * 4 + gate) * H + k]; };
            const std::int64_t at = r * H + k;
            const double i = sigmoid_reference(sum(0)), f = sigmoid_reference(sum(1)), g = std::tanh(sum(2)),
                         o = sigmoid_reference(sum(3)), cp = first ? 0 : c_prev[at], ck = f * cp + i * g,
                         tc = std::tanh(ck), dck = dc_next[at] + dh[at] * o * (1 - tc * tc);
            CHECK(saved(0) == near(i));
            CHECK(saved(1) == near(f));
            CHECK(saved(2) == near(g));
            CHECK(saved(3) == near(o));
            CHECK(c[at] == near(ck));
            CHECK(h[at] == near(o * tc));
            CHECK(grad(0) == near(dck * g * i * (1 - i)));
            CHECK(grad(1) == near(dck * cp * f * (1 - f)));
            CHECK(grad(2) == near(dck * i * (1 - g * g)));
            CHECK(grad(3) == near(dh[at] * tc * o * (1 - o)));
            CHECK(dc[at] == near(dck * f));
          }
      }
  });
}

TEST_CASE("Adam's kernel follows its formula, and idle steps are steps without gradient to the bit") {
  for_each_table([](const KernelTable& t) {
    for (std::int64_t n : sizes(t)) {
      Guarded p(n), g(n), m(n), v(n);
      fill(p, 1), fill(g, 2), fill(m, 3), fill(v, 4);
      for (std::int64_t i = 0; i < n; ++i) v[i] = std::abs(v[i]);
      const std::vector<float> p0(p.data(), p.data() + n), g0(g.data(), g.data() + n),
          m0(m.data(), m.data() + n), v0(v.data(), v.data() + n);
      const AdamFactors f{0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 0.01f, 1e-3f, 0.5f};
      t.adam.step(p.data(), g.data(), m.data(), v.data(), n, f, true);
      for (std::int64_t i = 0; i < n; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double gi = g0[at] + 0.01 * p0[at], mi = 0.9 * m0[at] + 0.1 * gi,
                     vi = 0.999 * v0[at] + 0.001 * gi * gi;
        CHECK(g[i] == 0);
        CHECK(m[i] == doctest::Approx(mi).epsilon(1e-6).scale(3));
        CHECK(v[i] == doctest::Approx(vi).epsilon(1e-6));
        CHECK(p[i] == doctest::Approx(p0[at] - 1e-3 * mi / (std::sqrt(vi) / 0.5 + 1e-8)).epsilon(1e-6));
      }
      std::vector<AdamFactors> factors;
      for (int s = 1; s <= 300; ++s)
        factors.push_back({0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 0.0f, 1e-3f / static_cast<float>(s),
                           0.01f * static_cast<float>(s)});
      Guarded p2(n), m2(n), v2(n);
      std::copy_n(p.data(), n, p2.data()), std::copy_n(m.data(), n, m2.data()),
          std::copy_n(v.data(), n, v2.data());
      for (const AdamFactors& s : factors) t.adam.step(p.data(), g.data(), m.data(), v.data(), n, s, false);
      t.adam.idle_steps(p2.data(), m2.data(), v2.data(), n, factors.data(),
                        static_cast<long>(factors.size()));
      for (std::int64_t i = 0; i < n; ++i) {
        CHECK(p[i] == p2[i]);
        CHECK(m[i] == m2[i]);
        CHECK(v[i] == v2[i]);
      }
    }
  });
}

TEST_CASE("row kernels read every element of every size and nothing else") {
  for_each_table([](const KernelTable& t) {
    for (std::int64_t n :
         {std::int64_t{1}, t.width - std::int64_t{1}, std::int64_t{t.width}, t.width + std::int64_t{1},
          std::int64_t{8 * t.width + 3}, std::int64_t{1023}, std::int64_t{1025}, std::int64_t{30524}}) {
      Guarded x(n);
      fill(x, static_cast<unsigned>(n));
      const RowKernels& k = t.row;
      const float max = *std::max_element(x.data(), x.data() + n);
      CHECK(k.max(x.data(), n) == max);
      double sum = 0;
      for (std::int64_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(x[i]) - 1.5);
      CHECK(k.exp_sum(x.data(), n, 1.5f) == doctest::Approx(sum).epsilon(1e-6));
      for (std::int64_t at = 0; at < n; at += 1 + n / 500) {
        const float before = x[at];
        x[at] = 10;
        CHECK(k.max(x.data(), n) == 10);
        CHECK(k.find_above(x.data(), 0, n, 9.5f) == at);
        CHECK(k.find_above(x.data(), at, n, 9.5f) == at);
        CHECK(k.find_above(x.data(), at + 1, n, 9.5f) == n);
        CHECK(k.find_above(x.data(), 0, n, 10.0f) == n);
        if (at >= t.width) {  // a NaN before it, in the same lane, hides nothing
          const float first = x[at % t.width];
          x[at % t.width] = std::numeric_limits<float>::quiet_NaN();
          CHECK(k.find_above(x.data(), 0, n, 9.5f) == at);
          x[at % t.width] = first;
        }
        x[at] = before;
      }
    }
  });
}
