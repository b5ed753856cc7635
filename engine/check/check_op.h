#pragma once

#include <complex>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"
#include "engine/plain/map.h"

namespace plainsight {

/// A tensor of any scalar, zero at first: an operand or a result of the plain engine.
template <class T>
class Array {
 public:
  explicit Array(Shape shape) : shape_(shape), values_(shape.size()) {}
  template <class Values>
  Array(Shape shape, const Values& values) : shape_(shape), values_(values.begin(), values.end()) {}

  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return shape_.size(); }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }
  T& operator[](std::int64_t i) { return values_[i]; }
  T operator[](std::int64_t i) const { return values_[i]; }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

  /// The first dimension by all others.
  plain::Map<T> matrix() { return {data(), rows(), shape_.row_size()}; }
  plain::ConstMap<T> matrix() const { return {data(), rows(), shape_.row_size()}; }
  plain::RowMap<T> row() { return {data(), size()}; }
  plain::ConstRowMap<T> row() const { return {data(), size()}; }

 private:
  std::int64_t rows() const { return shape_.rank() == 0 ? 1 : shape_[0]; }

  Shape shape_;
  std::vector<T> values_;
};

template <class T>
using Operands = std::vector<Array<T>>;

/// An operation at certain shapes: as its recorder on the tape, which computes on the engine in use, and as
/// the functions of engine/plain.
struct OpCheck {
  std::string name;
  std::vector<Shape> operands;
  std::int64_t longest_sum;  ///< K: the most terms in any sum, forward or backward
  /// Records the operation; operands come as parameters (use value and gradient as a Var where that
  /// is wanted).
  std::function<Var(Tape&, const std::vector<Parameter>&)> record;
  std::function<Array<double>(const Operands<double>&)> forward;
  std::function<Array<std::complex<double>>(const Operands<std::complex<double>>&)> complex_forward;
  /// Adds the operands' gradients for the cotangent dy.
  std::function<void(Operands<double>& gradients, const Array<double>& dy, const Operands<double>&)> backward;
  /// Largest share of zeros among the expected values: a comparison of mostly zeros proves nothing. Larger
  /// for operations whose results are zeros by definition.
  double most_zeros = 0.3;
};

/// `forward` is one generic function of Operands<T>.
template <class Forward, class Backward>
OpCheck op_check(std::string name, std::vector<Shape> operands, std::int64_t longest_sum,
                 std::function<Var(Tape&, const std::vector<Parameter>&)> record, Forward forward,
                 Backward backward) {
  return {std::move(name), std::move(operands), longest_sum, std::move(record), forward, forward, backward};
}

struct OpReport {
  std::string name;
  double forward_error = 0;   ///< worst |got - expected|, relative to the largest expected value
  double backward_error = 0;  ///< the same over all gradients
  std::vector<std::string> failures;
};

/// Draws operands and a cotangent r (1 for a scalar result), then requires of the engine in use
///  - forward to equal the plain engine's in double,
///  - each gradient of Σ r·y to equal the complex step of the plain engine's forward (at up to 64 elements of
///    each operand),
///  - a second backward to double the gradients,
///  - the same bits when one operand's gradient is not wanted; and, of the tuned engine, for 1 and 3 threads,
/// within 8 ε √K of the largest expected value, or of 0.1 (errors of a sum of K random terms grow as √K),
/// from memory full of NaN. The plain engine's own backward is compared in double with the complex step, too.
/// A failure names operand, element, expected, got, tolerance and seed.
OpReport check_op(const OpCheck& op, std::uint64_t seed = 1);

/// Every differentiable operation, at small, odd and empty shapes.
std::vector<OpCheck> all_op_checks();

}  // namespace plainsight
