#include "engine/plain/conv2d.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

using namespace plainsight;

TEST_CASE("conv2d across bands and images: small integers come out exactly") {
  std::mt19937 random(1);
  Arena scratch;
  // 3 images of 40 x 70: bands of 14 rows; and stride 2 without padding, where the last columns are not read.
  for (const plain::ConvSizes& s :
       {plain::ConvSizes{3, 2, 40, 70, 3, 3, 3, 1, 1}, {2, 2, 60, 55, 3, 3, 2, 2, 0}}) {
    const auto integers = [&](plain::Index rows, plain::Index cols) {
      return plain::Matrix<float>::NullaryExpr(rows, cols, [&] { return float(int(random() % 7) - 3); })
          .eval();
    };
    const plain::Matrix<float> x = integers(s.N, s.C * s.H * s.W), W = integers(s.O, s.CK()),
                               b = integers(1, s.O);
    plain::Matrix<float> y = plain::Matrix<float>::Constant(s.N, s.O * s.OH() * s.OW(), NAN);
    plain::conv2d_forward<float>({y.data(), y.rows(), y.cols()}, {x.data(), x.rows(), x.cols()},
                                 {W.data(), W.rows(), W.cols()}, {b.data(), s.O}, s, scratch);
    plain::Index wrong = 0, at = 0;
    for (plain::Index n = 0; n < s.N; ++n)
      for (plain::Index o = 0; o < s.O; ++o)
        for (plain::Index i = 0; i < s.OH(); ++i)
          for (plain::Index j = 0; j < s.OW(); ++j) {
            float sum = b(o);
            for (plain::Index q = 0; q < s.CK(); ++q) {
              const plain::Index c = q / (s.k * s.l), row = i * s.stride + q / s.l % s.k - s.padding,
                                 col = j * s.stride + q % s.l - s.padding;
              if (row < 0 || row >= s.H || col < 0 || col >= s.W) continue;
              sum += W(o, q) * x(n, (c * s.H + row) * s.W + col);
            }
            wrong += y.data()[at++] != sum;
          }
    CHECK(wrong == 0);
  }
}

TEST_CASE("conv2d backward across bands and images: small integers come out exactly") {
  std::mt19937 random(2);
  Arena scratch;
  for (const plain::ConvSizes& s :
       {plain::ConvSizes{3, 2, 40, 70, 3, 3, 3, 1, 1}, {2, 2, 60, 55, 3, 3, 2, 2, 0}}) {
    const auto integers = [&](plain::Index rows, plain::Index cols) {
      return plain::Matrix<float>::NullaryExpr(rows, cols, [&] { return float(int(random() % 7) - 3); })
          .eval();
    };
    const plain::Index P = s.OH() * s.OW();
    CHECK(s.N * s.OH() > s.band());
    const plain::Matrix<float> x = integers(s.N, s.C * s.H * s.W), W = integers(s.O, s.CK()),
                               dy = integers(s.N, s.O * P);
    plain::Matrix<float> dx = plain::Matrix<float>::Zero(x.rows(), x.cols()), dW = dx.Zero(s.O, s.CK());
    plain::Matrix<float> db = dx.Zero(1, s.O), dx_sum = dx, dW_sum = dW, db_sum = db;
    plain::conv2d_backward<float>({dx.data(), dx.rows(), dx.cols()}, {dW.data(), dW.rows(), dW.cols()},
                                  {db.data(), s.O}, {dy.data(), dy.rows(), dy.cols()},
                                  {x.data(), x.rows(), x.cols()}, {W.data(), W.rows(), W.cols()}, s, scratch);
    for (plain::Index n = 0; n < s.N; ++n)
      for (plain::Index o = 0; o < s.O; ++o)
        for (plain::Index p = 0; p < P; ++p) {
          const float d = dy(n, o * P + p);
          db_sum(o) += d;
          for (plain::Index q = 0; q < s.CK(); ++q) {
            const plain::Index c = q / (s.k * s.l), row = p / s.OW() * s.stride + q / s.l % s.k - s.padding,
                               col = p % s.OW() * s.stride + q % s.l - s.padding;
            if (row < 0 || row >= s.H || col < 0 || col >= s.W) continue;
            const plain::Index at = (c * s.H + row) * s.W + col;
            dW_sum(o, q) += d * x(n, at);
            dx_sum(n, at) += d * W(o, q);
          }
        }
    CHECK(dx == dx_sum);
    CHECK(dW == dW_sum);
    CHECK(db == db_sum);
  }
}
