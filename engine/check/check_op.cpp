#include "engine/check/check_op.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <sstream>

#include "engine/base/parallel.h"
#include "engine/base/random.h"

namespace plainsight {

namespace {

using Complex = std::complex<double>;

// The operands, the cotangent, and what a run of the fast code gave.
struct Setting {
  const OpCheck& op;
  std::uint64_t seed;
  std::vector<Tensor> operands;
  Operands<double> exact;  // the same numbers
  std::vector<double> y;   // expected
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

Setting make_setting(const OpCheck& op, std::uint64_t seed) {
  Setting s{op, seed, {}, {}, {}, {}};
  TorchGenerator generator(seed);
  for (const Shape& shape : op.operands) {
    s.operands.push_back(random_tensor(shape, generator));
    const Tensor& t = s.operands.back();
    s.exact.emplace_back(t.data(), t.data() + t.size());
  }
  s.y = op.reference(s.exact);
  s.cotangent = random_tensor({static_cast<std::int64_t>(s.y.size())}, generator);
  if (s.y.size() == 1) s.cotangent[0] = 1;
  return s;
}

// A tape whose memory is full of NaN: what an operation forgets to write shows.
void poison(Tape& tape) {
  constexpr std::int64_t kFloats = 1 << 20;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::fill_n(tape.allocate({kFloats}).data, kFloats, nan);
  std::fill_n(tape.scratch().allocate_array<float>(kFloats), kFloats, nan);
  tape.clear();
}

// Forward and `rounds` times backward; `unwanted` is the operand that gets no gradient, or -1.
Result run(Setting& s, int rounds, int unwanted) {
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

// Compares with expected at the given elements; returns the worst error relative to the largest
// expected value.
double compare(OpReport& report, const Setting& s, const std::string& what,
               const std::vector<std::int64_t>& at, const std::vector<double>& expected, ConstView got) {
  double largest = 0, worst = 0;
  for (const double e : expected) largest = std::max(largest, std::abs(e));
  // Terms of size 1 may cancel to nearly nothing; their rounding errors do not.
  const double scale = std::max(largest, 0.1);
  const double tolerance =
      8 * std::numeric_limits<float>::epsilon() * std::sqrt(static_cast<double>(s.op.longest_sum)) * scale;
  std::size_t zeros = 0;
  bool told = false;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const double g = static_cast<double>(got[at[i]]), error = std::abs(g - expected[i]);
    zeros += expected[i] == 0;
    worst = std::max(worst, error);
    if (error <= tolerance || told) continue;  // NaN fails here, too
    std::ostringstream line;
    line.precision(9);
    line << s.op.name << ": " << what << " element " << at[i] << ": expected " << expected[i] << ", got " << g
         << ", tolerance " << tolerance << " (8 eps sqrt(" << s.op.longest_sum
         << ") of the largest or of 0.1), seed " << s.seed;
    report.failures.push_back(line.str());
    told = true;
  }
  if (static_cast<double>(zeros) > s.op.most_zeros * static_cast<double>(at.size())) {
    report.failures.push_back(s.op.name + ": " + what +
                              ": too many expected values are zero to show anything");
  }
  return largest > 0 ? worst / largest : 0;
}

// ∂(Σ r·y)/∂(element j of operand k), by complex step.
double derivative(const Setting& s, std::size_t k, std::int64_t j) {
  constexpr double h = 1e-30;
  Operands<Complex> operands;
  for (const auto& values : s.exact) operands.emplace_back(values.begin(), values.end());
  operands[k][static_cast<std::size_t>(j)] += Complex(0, h);
  const std::vector<Complex> y = s.op.complex_reference(operands);
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += static_cast<double>(s.cotangent[static_cast<std::int64_t>(i)]) * y[i].imag() / h;
  }
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

void check_gradients(OpReport& report, Setting& s, const Result& once, const Result& twice) {
  for (std::size_t k = 0; k < s.operands.size(); ++k) {
    const std::string what = "gradient of operand " + std::to_string(k);
    const auto at = sample(s.operands[k].size(), s.seed + k);
    std::vector<double> expected, doubled;
    for (const std::int64_t j : at) {
      expected.push_back(derivative(s, k, j));
      doubled.push_back(2 * expected.back());
    }
    report.backward_error =
        std::max(report.backward_error, compare(report, s, what, at, expected, once.gradients[k]));
    compare(report, s, what + ", backward twice,", at, doubled, twice.gradients[k]);
  }
}

}  // namespace

OpReport check_op(const OpCheck& op, std::uint64_t seed) {
  OpReport report{op.name, 0, 0, {}};
  Setting s = make_setting(op, seed);
  const int threads_before = threads();
  set_threads(3);
  const Result once = run(s, 1, -1);
  std::vector<std::int64_t> every(s.y.size());
  for (std::size_t i = 0; i < every.size(); ++i) every[i] = static_cast<std::int64_t>(i);
  report.forward_error = compare(report, s, "result", every, s.y, once.y);
  check_gradients(report, s, once, run(s, 2, -1));
  for (int k = 0; k < static_cast<int>(s.operands.size()); ++k) {
    if (same_bits(once, run(s, 1, k), k)) continue;
    report.failures.push_back(op.name + ": others change when gradient " + std::to_string(k) +
                              " is not wanted");
  }
  set_threads(1);
  if (!same_bits(once, run(s, 1, -1), -1)) report.failures.push_back(op.name + ": 1 and 3 threads differ");
  set_threads(threads_before);
  return report;
}

}  // namespace plainsight
