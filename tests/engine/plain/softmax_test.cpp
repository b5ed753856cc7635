#include "engine/plain/softmax.h"

#include <doctest/doctest.h>

#include <complex>

using namespace plainsight;
using Complex = std::complex<double>;

namespace {

template <class T>
plain::Matrix<T> softmax(const plain::Matrix<T>& x) {
  plain::Matrix<T> y(x.rows(), x.cols());
  plain::softmax_forward<T>({y.data(), y.rows(), y.cols()}, {x.data(), x.rows(), x.cols()});
  return y;
}

}  // namespace

TEST_CASE("softmax: a pencil's example, and logits that would overflow") {
  plain::Matrix<double> x(2, 3);
  x << 1, 2, 3, -1000, 1000, 1000;
  const plain::Matrix<double> y = softmax(x);
  CHECK(y(0, 0) == doctest::Approx(0.09003057317038046));
  CHECK(y(0, 1) == doctest::Approx(0.24472847105479764));
  CHECK(y(0, 2) == doctest::Approx(0.6652409557748218));
  CHECK(y(1, 0) == 0);
  CHECK(y(1, 1) == 0.5);
  plain::Row<double> p(3);
  CHECK(plain::softmax_row(p, x.row(0)) == doctest::Approx(3.4076059644443806));
  CHECK(plain::softmax_row(p, x.row(1)) == doctest::Approx(1000.6931471805599));
}

TEST_CASE("softmax's gradient equals the complex step, and is added") {
  plain::Matrix<double> x(2, 4), dy(2, 4);
  x << .1, -.7, 1.3, .4, 2, -1, .5, -.2;
  dy << 1, -.5, .25, 2, -1, .3, .7, -.6;
  const plain::Matrix<double> y = softmax(x);
  plain::Matrix<double> dx = plain::Matrix<double>::Ones(2, 4);
  plain::softmax_backward<double>({dx.data(), 2, 4}, {dy.data(), 2, 4}, {y.data(), 2, 4});
  for (plain::Index i = 0; i < x.size(); ++i) {
    plain::Matrix<Complex> z = x.cast<Complex>();
    z.data()[i] += Complex(0, 1e-30);
    const double expected = (dy.array() * softmax(z).imag().array()).sum() / 1e-30;
    CHECK(dx.data()[i] - 1 == doctest::Approx(expected).epsilon(1e-12));
  }
}
