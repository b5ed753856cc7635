#include "engine/check/check_op.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <sstream>

#include "engine/base/parallel.h"
#include "engine/base/random.h"
#include "engine/kernels/isa/engine.h"

namespace plainsight {

namespace {

using Complex = std::complex<double>;

// The operands, the cotangent, and what the plain engine gives in double.
struct Trial {
  const OpCheck& op;
  std::uint64_t seed;
  std::vector<Tensor> operands;
  Operands<double> exact;  // the same values
  Array<double> y;         // expected
  Tensor cotangent;
};

struct Result {
  Tensor y;
  std::vector<Tensor> gradients;
};

Tensor random_tensor(Shape shape, TorchGenerator& generator) {
  Tensor t(shape);
  generator.normal({t.data(), static_cast<std::size_t>(t.size())}, 0, 1);
  return t;
}

Trial make_setting(const OpCheck& op, std::uint64_t seed) {
  TorchGenerator generator(seed);
  std::vector<Tensor> operands;
  Operands<double> exact;
  for (const Shape& shape : op.operands) {
    operands.push_back(random_tensor(shape, generator));
    const Tensor& t = operands.back();
    exact.emplace_back(shape, std::span(t.data(), t.size()));
  }
  Array<double> y = op.forward(exact);
  Tensor cotangent = random_tensor({y.size()}, generator);
  if (y.size() == 1) cotangent[0] = 1;
  return {op, seed, std::move(operands), std::move(exact), std::move(y), std::move(cotangent)};
}

// A tape whose memory is full of NaN, so that an element that an operation forgets to write is noticed.
void poison(Tape& tape) {
  constexpr std::int64_t kFloats = 1 << 20;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::fill_n(tape.allocate({kFloats}).data, kFloats, nan);
  std::fill_n(tape.scratch().allocate_array<float>(kFloats), kFloats, nan);
  tape.clear();
}

// Forward and `rounds` times backward; `unwanted` is the operand that gets no gradient, or -1.
Result run(Trial& s, int rounds, int unwanted) {
  Result result;
  std::vector<Parameter> parameters;
  for (std::size_t k = 0; k < s.operands.size(); ++k) {
    result.gradients.emplace_back(s.operands[k].shape());
    Parameter p(s.operands[k].shape());
    p.value = s.operands[k].view();
    p.gradient = static_cast<int>(k) == unwanted ? View() : result.gradients[k].view();
    parameters.push_back(p);
  }
  Tape tape;
  poison(tape);
  for (int round = 0; round < rounds; ++round) {
    tape.clear();
    const Var y = s.op.record(tape, parameters);
    if (round == 0) {
      result.y = Tensor(y.value.shape);
      std::copy_n(y.value.data, y.value.size(), result.y.data());
    }
    require(y.value.size() == s.cotangent.size(), "check_op: the reference has another size");
    tape.backward(y, s.cotangent);
  }
  return result;
}

// Values at the elements `at` of something named `what`.
struct Expected {
  std::string what;
  std::vector<std::int64_t> at;
  std::vector<double> values;
};

// Compares got[i], computed with precision `epsilon`, with expected.values[i]. Returns the worst error
// relative to the largest expected value.
double compare(OpReport& report, const Trial& s, const Expected& expected, const std::vector<double>& got,
               double epsilon) {
  double largest = 0, worst = 0;
  for (const double e : expected.values) largest = std::max(largest, std::abs(e));
  // Terms of size 1 may cancel to nearly nothing; their rounding errors do not.
  const double scale = std::max(largest, 0.1);
  const double tolerance = 8 * epsilon * std::sqrt(static_cast<double>(s.op.longest_sum)) * scale;
  std::size_t zeros = 0;
  bool told = false;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double e = expected.values[i], error = std::abs(got[i] - e);
    zeros += e == 0;
    worst = std::max(worst, error);
    if (error <= tolerance || told) continue;  // NaN fails here, too
    std::ostringstream line;
    line.precision(17);
    line << s.op.name << ": " << expected.what << " element " << expected.at[i] << ": expected " << e
         << ", got " << got[i] << ", tolerance " << tolerance << " (8 eps sqrt(" << s.op.longest_sum
         << ") of the largest or of 0.1), seed " << s.seed;
    report.failures.push_back(line.str());
    told = true;
  }
  if (static_cast<double>(zeros) > s.op.most_zeros * static_cast<double>(got.size())) {
    report.failures.push_back(s.op.name + ": " + expected.what +
                              ": too many expected values are zero to show anything");
  }
  return largest > 0 ? worst / largest : 0;
}

// values[i] for each i of `at`.
template <class Values>
std::vector<double> pick(const Values& values, const std::vector<std::int64_t>& at) {
  std::vector<double> picked;
  for (const std::int64_t i : at) picked.push_back(static_cast<double>(values[i]));
  return picked;
}

constexpr double kFloatEpsilon = std::numeric_limits<float>::epsilon();
constexpr double kDoubleEpsilon = std::numeric_limits<double>::epsilon();

// ∂(Σ r·y)/∂(element j of operand k), by complex step.
double derivative(const Trial& s, std::size_t k, std::int64_t j) {
  constexpr double h = 1e-30;
  Operands<Complex> operands;
  for (const auto& values : s.exact) operands.emplace_back(values.shape(), values);
  operands[k][j] += Complex(0, h);
  const Array<Complex> y = s.op.complex_forward(operands);
  double sum = 0;
  for (std::int64_t i = 0; i < y.size(); ++i) sum += static_cast<double>(s.cotangent[i]) * y[i].imag() / h;
  return sum;
}

// Up to 64 elements of n, without repetition.
std::vector<std::int64_t> sample(std::int64_t n, std::uint64_t seed) {
  const auto order = shuffle(n, seed, 0);
  return {order.begin(), order.begin() + std::min<std::int64_t>(n, 64)};
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.size() == b.size() && std::equal(a.data(), a.data() + a.size(), b.data(), [](float x, float y) {
           return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y);
         });
}

bool same_bits(const Result& a, const Result& b, int except) {
  bool same = same_bits(a.y, b.y);
  for (std::size_t k = 0; k < a.gradients.size(); ++k) {
    same = same && (static_cast<int>(k) == except || same_bits(a.gradients[k], b.gradients[k]));
  }
  return same;
}

// The gradients that the plain engine's backward adds in double to gradients that were 1.
Operands<double> plain_gradients(const Trial& s) {
  Operands<double> gradients;
  for (const Shape& shape : s.op.operands)
    gradients.emplace_back(shape, std::vector<double>(shape.size(), 1));
  s.op.backward(gradients, Array<double>(s.y.shape(), std::span(s.cotangent.data(), s.y.size())), s.exact);
  return gradients;
}

void check_gradients(OpReport& report, Trial& s, const Result& once, const Result& twice) {
  const Operands<double> in_double = plain_gradients(s);
  for (std::size_t k = 0; k < s.operands.size(); ++k) {
    const std::string what = "gradient of operand " + std::to_string(k);
    Expected expected{what, sample(s.operands[k].size(), s.seed + k), {}};
    Expected doubled{what + ", backward twice,", expected.at, {}};
    for (const std::int64_t j : expected.at) {
      expected.values.push_back(derivative(s, k, j));
      doubled.values.push_back(2 * expected.values.back());
    }
    const double error = compare(report, s, expected, pick(once.gradients[k], expected.at), kFloatEpsilon);
    report.backward_error = std::max(report.backward_error, error);
    compare(report, s, doubled, pick(twice.gradients[k], expected.at), kFloatEpsilon);

    std::vector<double> added = pick(in_double[k], expected.at);
    for (double& g : added) g -= 1;
    expected.what = "plain " + what + " in double";
    compare(report, s, expected, added, 8 * kDoubleEpsilon);  // adding 1 costs precision
  }
}

}  // namespace

OpReport check_op(const OpCheck& op, std::uint64_t seed) {
  OpReport report{op.name, 0, 0, {}};
  Trial s = make_setting(op, seed);
  const int threads_before = threads();
  set_threads(3);
  const Result once = run(s, 1, -1);
  Expected expected{"result", {}, {s.y.begin(), s.y.end()}};
  for (std::int64_t i = 0; i < s.y.size(); ++i) expected.at.push_back(i);
  report.forward_error = compare(report, s, expected, pick(once.y, expected.at), kFloatEpsilon);
  check_gradients(report, s, once, run(s, 2, -1));
  for (int k = 0; k < static_cast<int>(s.operands.size()); ++k) {
    if (same_bits(once, run(s, 1, k), k)) continue;
    report.failures.push_back(op.name + ": others change when gradient " + std::to_string(k) +
                              " is not wanted");
  }
  // BLAS, the plain engine's products, promises no order of its sums.
  set_threads(1);
  if (engine() == Engine::tuned && !same_bits(once, run(s, 1, -1), -1)) {
    report.failures.push_back(op.name + ": 1 and 3 threads differ");
  }
  set_threads(threads_before);
  return report;
}

}  // namespace plainsight
