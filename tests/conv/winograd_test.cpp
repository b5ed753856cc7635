// Winograd's matrices, derived here with exact rationals from the points, against what the kernels compute.
//
// Toom-Cook: evaluate data and filter at a-1 points and at infinity, multiply, interpolate; transposed, it is a
// correlation. With N(p) = prod_{q != p} (p - q) over the finite points:
//   A^T[i][p] = p^i                        (infinity: 1 in the last row)
//   G[p][j]   = s(p) p^j / N(p)            (infinity: 1 in the last column)
//   B^T[p]    = coefficients of prod_{q != p} (z - q) / s(p)        (infinity: of prod_q (z - q))
// for any scaling s(p) != 0: the kernels choose it so that B^T is small dyadic numbers.

#include <doctest/doctest.h>

#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/conv/support.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

struct Rational {
  std::int64_t n = 0, d = 1;
  Rational(std::int64_t num = 0, std::int64_t den = 1) {
    const std::int64_t g = std::gcd(num, den) * (den < 0 ? -1 : 1);
    n = num / g;
    d = den / g;
  }
  double value() const { return static_cast<double>(n) / static_cast<double>(d); }
  bool operator==(const Rational&) const = default;
};
Rational operator+(Rational a, Rational b) { return {a.n * b.d + b.n * a.d, a.d * b.d}; }
Rational operator-(Rational a, Rational b) { return {a.n * b.d - b.n * a.d, a.d * b.d}; }
Rational operator*(Rational a, Rational b) { return {a.n * b.n, a.d * b.d}; }
Rational operator/(Rational a, Rational b) { return {a.n * b.d, a.d * b.n}; }

using Matrix = std::vector<std::vector<Rational>>;

struct Matrices {
  Matrix bt, g, at;
};

Rational power(Rational p, int e) { return e == 0 ? Rational(1) : p * power(p, e - 1); }

/// Coefficients of prod (z - q) over `roots`, lowest first.
std::vector<Rational> polynomial(const std::vector<Rational>& roots) {
  std::vector<Rational> c = {1};
  for (const Rational& q : roots) {
    c.insert(c.begin(), Rational(0));
    for (std::size_t i = 0; i + 1 < c.size(); ++i) c[i] = c[i] - q * c[i + 1];
  }
  return c;
}

Matrices derive(int tile, const std::vector<Rational>& points, const std::vector<Rational>& scale) {
  const std::size_t a = points.size() + 1, m = static_cast<std::size_t>(tile);
  Matrices x;
  x.at.assign(m, std::vector<Rational>(a));
  for (std::size_t p = 0; p < points.size(); ++p) {
    std::vector<Rational> others = points;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(p));
    Rational n = 1;
    for (const Rational& q : others) n = n * (points[p] - q);
    std::vector<Rational> row = polynomial(others);
    row.resize(a);
    for (Rational& v : row) v = v / scale[p];
    x.bt.push_back(row);
    std::vector<Rational> g;
    for (int j = 0; j < 3; ++j) g.push_back(scale[p] * power(points[p], j) / n);
    x.g.push_back(g);
    for (std::size_t i = 0; i < m; ++i) x.at[i][p] = power(points[p], static_cast<int>(i));
  }
  x.bt.push_back(polynomial(points));
  x.g.push_back({0, 0, 1});
  x.at[m - 1][a - 1] = 1;
  return x;
}

struct Case {
  const WinogradKernels* kernels;
  Matrices exact;
};

std::vector<Case> cases(const KernelTable& table) {
  const Rational half(1, 2);
  return {
      {&table.conv.winograd4, derive(4, {0, 1, -1, 2, -2}, {1, 1, 1, 1, 1})},
      {&table.conv.winograd6, derive(6, {0, 1, -1, 2, -2, half, Rational(-1, 2)}, {-1, 1, 1, 1, 1, 1, 1})}};
}

constexpr long kStride = 64;

}  // namespace

TEST_CASE("the derived matrices compute a correlation, exactly") {
  for (const Case& c : cases(*kernels_for(Isa::baseline))) {
    const Matrices& x = c.exact;
    // y[i] = sum_j d[i + j] g[j] for unit vectors d = e_s, g = e_j: 1 where s = i + j.
    for (std::size_t i = 0; i < x.at.size(); ++i)
      for (std::size_t s = 0; s < x.bt.size(); ++s)
        for (std::size_t j = 0; j < 3; ++j) {
          Rational y;
          for (std::size_t p = 0; p < x.bt.size(); ++p) y = y + x.at[i][p] * x.g[p][j] * x.bt[p][s];
          CHECK(y == Rational(s == i + j ? 1 : 0));
        }
  }
}

TEST_CASE("the kernels' transforms are the derived matrices") {
  for (const KernelTable* table : tables())
    for (const Case& c : cases(*table)) {
      INFO(name_of(table->isa), " F(", c.kernels->tile, ",3)");
      const int a = c.kernels->points, m = c.kernels->tile;
      std::vector<float> image(static_cast<std::size_t>(a * a * 16)),
          v(static_cast<std::size_t>(a * a * kStride));
      std::vector<float> out(static_cast<std::size_t>(m * m * 16)), bias(16), w(16 * 9), u(v.size());
      const auto at = [](const Matrix& x, int i, int j) {
        return x[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
      };
      bool input = true, output = true, weights = true;
      for (int r = 0; r < a; ++r)
        for (int s = 0; s < a; ++s) {
          const int channel = (r + s) % 16;
          const std::size_t one = static_cast<std::size_t>((r * a + s) * 16 + channel);
          std::fill(image.begin(), image.end(), 0.0f);
          image[one] = 1;
          c.kernels->transform_input(v.data(), kStride, image.data(), a, a, 0, 0);
          for (int f = 0; f < a * a; ++f)
            for (int k = 0; k < 16; ++k) {
              const Rational expected =
                  k == channel ? at(c.exact.bt, f / a, r) * at(c.exact.bt, f % a, s) : Rational(0);
              input = input &&
                      static_cast<double>(v[static_cast<std::size_t>(f * kStride + k)]) == expected.value();
            }
          std::fill(v.begin(), v.end(), 0.0f);
          v[static_cast<std::size_t>((r * a + s) * kStride + channel)] = 1;
          c.kernels->transform_output(out.data(), v.data(), kStride, {bias.data(), false, false}, m, m, 0, 0);
          for (int i = 0; i < m * m; ++i)
            output = output && static_cast<double>(out[static_cast<std::size_t>(i * 16 + channel)]) ==
                                   (at(c.exact.at, i / m, r) * at(c.exact.at, i % m, s)).value();
        }
      for (int tap = 0; tap < 9; ++tap) {
        std::fill(w.begin(), w.end(), 0.0f);
        w[static_cast<std::size_t>(5 * 9 + tap)] = 1;
        c.kernels->transform_weights(u.data(), kStride, w.data(), 9, 16);
        for (int f = 0; f < a * a; ++f) {
          const double expected = (at(c.exact.g, f / a, tap / 3) * at(c.exact.g, f % a, tap % 3)).value();
          // Computed in double and rounded once: within one float32 rounding of the exact value.
          weights = weights && std::abs(static_cast<double>(u[static_cast<std::size_t>(f * kStride + 5)]) -
                                        expected) <= 6.1e-8 * std::abs(expected);
        }
      }
      CHECK(input);
      CHECK(output);
      CHECK(weights);
    }
}
