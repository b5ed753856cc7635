#include "engine/plain/conv2d.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace plainsight;

namespace {

using Matrix = plain::Matrix<float>;
using plain::ConvSizes;
using plain::Index;

// More output rows than a band has: 3 images of 40 x 70; and stride 2 without padding, where the last columns
// are not read.
const ConvSizes kSizes[] = {{3, 2, 40, 70, 3, 3, 3, 1, 1}, {2, 2, 60, 55, 3, 3, 2, 2, 0}};

// Small integers, whose sums of products a float holds exactly.
Matrix integers(Index rows, Index cols) {
  static std::mt19937 random(1);
  return Matrix::NullaryExpr(rows, cols, [] { return float(int(random() % 7) - 3); });
}

template <class M>
auto map(M& m) {
  return Eigen::Map<M>(m.data(), m.rows(), m.cols());
}

// Calls f(n, o, p, q, at) for each weight q = (c,a,b) that output p = (i,j) of channel o multiplies with
// element `at` of image n.
template <class F>
void for_each_product(const ConvSizes& s, F&& f) {
  for (Index n = 0; n < s.N; ++n)
    for (Index o = 0; o < s.O; ++o)
      for (Index p = 0; p < s.OH() * s.OW(); ++p)
        for (Index q = 0; q < s.CK(); ++q) {
          const Index row = p / s.OW() * s.stride + q / s.l % s.k - s.padding;
          const Index col = p % s.OW() * s.stride + q % s.l - s.padding;
          if (row < 0 || row >= s.H || col < 0 || col >= s.W) continue;
          f(n, o, p, q, (q / (s.k * s.l) * s.H + row) * s.W + col);
        }
}

}  // namespace

TEST_CASE("conv2d across bands and images: small integers come out exactly") {
  Arena scratch;
  for (const ConvSizes& s : kSizes) {
    const Index P = s.OH() * s.OW();
    REQUIRE(s.N * s.OH() > s.band());
    const Matrix x = integers(s.N, s.C * s.H * s.W), W = integers(s.O, s.CK()), b = integers(1, s.O);
    Matrix y = Matrix::Constant(s.N, s.O * P, NAN);
    plain::conv2d_forward<float>(map(y), {x.data(), x.rows(), x.cols()}, {W.data(), W.rows(), W.cols()},
                                 {b.data(), s.O}, s, scratch);
    Matrix sum = Matrix::Zero(s.N, s.O * P);
    for (Index n = 0; n < s.N; ++n)
      for (Index o = 0; o < s.O; ++o) sum.row(n).segment(o * P, P).setConstant(b(o));
    for_each_product(
        s, [&](Index n, Index o, Index p, Index q, Index at) { sum(n, o * P + p) += W(o, q) * x(n, at); });
    CHECK(y == sum);
  }
}

TEST_CASE("conv2d backward across bands and images: small integers come out exactly") {
  Arena scratch;
  for (const ConvSizes& s : kSizes) {
    const Index P = s.OH() * s.OW();
    const Matrix x = integers(s.N, s.C * s.H * s.W), W = integers(s.O, s.CK()), dy = integers(s.N, s.O * P);
    Matrix dx = Matrix::Zero(x.rows(), x.cols()), dW = Matrix::Zero(s.O, s.CK()), db = Matrix::Zero(1, s.O);
    Matrix dx_sum = dx, dW_sum = dW, db_sum = db;
    plain::conv2d_backward<float>(map(dx), map(dW), {db.data(), s.O}, {dy.data(), dy.rows(), dy.cols()},
                                  {x.data(), x.rows(), x.cols()}, {W.data(), W.rows(), W.cols()}, s, scratch);
    for_each_product(s, [&](Index n, Index o, Index p, Index q, Index at) {
      dW_sum(o, q) += dy(n, o * P + p) * x(n, at);
      dx_sum(n, at) += dy(n, o * P + p) * W(o, q);
    });
    for (Index n = 0; n < s.N; ++n)
      for (Index o = 0; o < s.O; ++o) db_sum(o) += dy.row(n).segment(o * P, P).sum();
    CHECK(dx == dx_sum);
    CHECK(dW == dW_sum);
    CHECK(db == db_sum);
  }
}
