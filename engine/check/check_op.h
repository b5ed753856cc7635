#pragma once

#include <complex>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"

namespace plainsight {

/// One flat array for each operand of an operation.
template <class T>
using Operands = std::vector<std::vector<T>>;

/// An operation at certain shapes, in two forms: as its recorder on the tape, and as the plain loop of
/// engine/kernels/reference.h.
struct OpCheck {
  std::string name;
  std::vector<Shape> operands;
  std::int64_t longest_sum;  ///< K: the most terms in any sum, forward or backward
  /// Records the operation; operands come as parameters (use value and gradient as a Var where that is
  /// wanted).
  std::function<Var(Tape&, const std::vector<Parameter>&)> record;
  std::function<std::vector<double>(const Operands<double>&)> reference;
  std::function<std::vector<std::complex<double>>(const Operands<std::complex<double>>&)> complex_reference;
  /// A comparison with mostly zeros shows nothing; operations that make zeros by nature say how many.
  double most_zeros = 0.3;
};

/// Fills both references from one generic function of Operands<T>.
template <class Reference>
OpCheck op_check(std::string name, std::vector<Shape> operands, std::int64_t longest_sum,
                 std::function<Var(Tape&, const std::vector<Parameter>&)> record, Reference reference) {
  return {std::move(name), std::move(operands), longest_sum, std::move(record), reference, reference};
}

struct OpReport {
  std::string name;
  double forward_error = 0;   ///< worst |got - expected|, relative to the largest expected value
  double backward_error = 0;  ///< the same over all gradients
  std::vector<std::string> failures;
};

/// Draws operands and a cotangent r (1 for a scalar result), then requires
///  - forward to equal the reference in double,
///  - each gradient of Σ r·y to equal the reference's complex step (at up to 64 elements of each operand),
///  - a second backward to double the gradients,
///  - the same bits when one operand's gradient is not wanted, and for 1 and 3 threads,
/// within 8 ε √K of the largest expected value, or of 0.1 (errors of a sum of K random terms grow as √K),
/// from memory full of NaN. A failure says operand, element, expected, got, tolerance and seed.
OpReport check_op(const OpCheck& op, std::uint64_t seed = 1);

/// Every differentiable operation, at small, odd and empty shapes.
std::vector<OpCheck> all_op_checks();

}  // namespace plainsight
