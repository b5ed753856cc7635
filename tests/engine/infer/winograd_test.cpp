// Winograd's matrices, derived here with exact rationals from the points, against what the kernels compute.
//
// Toom-Cook: evaluate data and filter at a-1 points and at infinity, multiply, interpolate; transposed, it is
// a correlation. With N(p) = prod_{q != p} (p - q) over the finite points:
//   A^T[i][p] = p^i                        (infinity: 1 in the last row)
//   G[p][j]   = s(p) p^j / N(p)            (infinity: 1 in the last column)
//   B^T[p]    = coefficients of prod_{q != p} (z - q) / s(p)        (infinity: of prod_q (z - q))
// for any scaling s(p) != 0: the kernels choose it so that B^T has small dyadic fractions.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/engine/infer/support.h"

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

/// The matrices of a side of 4 or 6, points and scales in the kernels' order: infinity is the sixth.
Matrices side(int tile) {
  const Rational half(1, 2), three_quarters(3, 4), fifteen_quarters(15, 4);
  // F(4,3) is scaled so that its rows of G are F(6,3)'s.
  Matrices x = tile == 4 ? derive(4, {0, 1, -1, 2, -2},
                                  {4, Rational(4, 3), Rational(4, 3), Rational(4, 15), Rational(4, 15)})
                         : derive(6, {0, 1, -1, 2, -2, half, Rational(-1, 2)}, {-1, 1, 1, 1, 1, 1, 1});
  const auto to_sixth = [](auto& v) { std::rotate(v.begin() + 5, v.end() - 1, v.end()); };
  to_sixth(x.bt);
  to_sixth(x.g);
  for (auto& row : x.at) to_sixth(row);
  return x;
}

/// The index of frequency (i, j), independent of the kernels' formula: classes in their order, each row
/// by row.
int frequency(int i, int j) {
  int f = 0;
  for (int c = 0; c < kWinogradClasses; ++c)
    for (int y = c < 2 ? 0 : 6; y < (c < 2 ? 6 : 8); ++y)
      for (int x = c % 2 == 0 ? 0 : 6; x < (c % 2 == 0 ? 6 : 8); ++x, ++f)
        if (y == i && x == j) return f;
  return -1;
}

constexpr long kStride = 64;

}  // namespace

TEST_CASE("the derived matrices compute a correlation, exactly") {
  for (int tile : {4, 6}) {
    const Matrices x = side(tile);
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

TEST_CASE("the weights of F(4,3) are among those of F(6,3)") {
  const Matrices four = side(4), six = side(6);
  for (std::size_t p = 0; p < four.g.size(); ++p) CHECK(four.g[p] == six.g[p]);
}

TEST_CASE("the kernels' transforms of tiles are the derived matrices") {
  for (const KernelTable* table : tables())
    for (int rows : {4, 6})
      for (int columns : {4, 6}) {
        INFO(name_of(table->isa), " tile ", rows, " x ", columns);
        const Matrices y = side(rows), x = side(columns);
        const int a = rows + 2, b = columns + 2;
        const WinogradKernels& kernels = table->conv.winograd;
        std::vector<float> image(static_cast<std::size_t>(a * b * 16)), v(64 * kStride), bias(16);
        std::vector<float> out(static_cast<std::size_t>(rows * columns * 16));
        float* places[kWinogradClasses];
        for (int c = 0; c < kWinogradClasses; ++c) places[c] = v.data() + kWinogradClass[c] * kStride;
        const auto at = [](const Matrix& m, int i, int j) {
          return m[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
        };
        bool input = true, output = true;
        for (int r = 0; r < a; ++r)
          for (int s = 0; s < b; ++s) {
            const int channel = (r + s) % 16;
            const std::size_t one = static_cast<std::size_t>((r * b + s) * 16 + channel);
            std::fill(image.begin(), image.end(), 0.0f);
            image[one] = 1;
            kernels.transform_input[rows == 6][columns == 6](places, kStride, image.data(), a, b, 0, 0);
            for (int i = 0; i < a; ++i)
              for (int j = 0; j < b; ++j)
                for (int k = 0; k < 16; ++k) {
                  const Rational expected = k == channel ? at(y.bt, i, r) * at(x.bt, j, s) : Rational(0);
                  const float got = v[static_cast<std::size_t>(frequency(i, j) * kStride + k)];
                  input = input && static_cast<double>(got) == expected.value();
                }
            std::fill(v.begin(), v.end(), 0.0f);
            v[static_cast<std::size_t>(frequency(r, s) * kStride + channel)] = 1;
            kernels.transform_output[rows == 6][columns == 6](
                out.data(), v.data(), kStride, {bias.data(), false, false}, rows, columns, 0, 0);
            for (int i = 0; i < rows * columns; ++i) {
              const Rational expected = at(y.at, i / columns, r) * at(x.at, i % columns, s);
              const float got = out[static_cast<std::size_t>(i * 16 + channel)];
              output = output && static_cast<double>(got) == expected.value();
            }
          }
        CHECK(input);
        CHECK(output);
      }
}

TEST_CASE("the kernels' transform of weights is the derived matrix") {
  const Matrices six = side(6);
  std::vector<float> w(16 * 9), u(64 * kStride);
  for (const KernelTable* table : tables())
    for (int tap = 0; tap < 9; ++tap) {
      INFO(name_of(table->isa), " tap ", tap);
      std::fill(w.begin(), w.end(), 0.0f);
      w[static_cast<std::size_t>(5 * 9 + tap)] = 1;
      for (int points : {6, 8}) {
        std::fill(u.begin(), u.end(), -1.0f);
        table->conv.winograd.transform_weights(u.data(), kStride, points * points, w.data(), 9, 16);
        bool right = true;
        for (int i = 0; i < 8; ++i)
          for (int j = 0; j < 8; ++j) {
            const auto row = [&](int p, int t) {
              return six.g[static_cast<std::size_t>(p)][static_cast<std::size_t>(t)];
            };
            const double got =
                static_cast<double>(u[static_cast<std::size_t>(frequency(i, j) * kStride + 5)]);
            const double expected =
                i < points && j < points ? (row(i, tap / 3) * row(j, tap % 3)).value() : -1;  // not computed
            // Computed in double and rounded once: within one float32 rounding of the exact value.
            right = right && std::abs(got - expected) <= 6.1e-8 * std::abs(expected);
          }
        CHECK(right);
      }
    }
}
