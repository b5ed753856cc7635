#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "engine/autograd/parameter.h"
#include "engine/autograd/tape.h"
#include "engine/io/safetensors.h"
#include "tests/support/data.h"

namespace plainsight::test {

/// tests/golden/ops.safetensors: PyTorch's values, made by tests/reference/make_op_goldens.py.
inline const SafetensorsFile& goldens() {
  static const SafetensorsFile file(golden("ops.safetensors"));
  return file;
}

inline ConstView golden_floats(const std::string& name) { return goldens().f32(name); }

template <class T>
std::vector<T> golden_values(const std::string& name) {
  const TensorInfo* info = goldens().find(name);
  REQUIRE_MESSAGE(info != nullptr, name);
  const auto bytes = goldens().bytes(*info);
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Each value within `tolerance` of the largest expected one.
inline void check_close(ConstView got, ConstView expected, const std::string& what, double tolerance = 2e-6) {
  REQUIRE_MESSAGE(got.size() == expected.size(), what);
  double largest = 0;
  for (std::int64_t i = 0; i < expected.size(); ++i)
    largest = std::max(largest, std::abs(double(expected[i])));
  for (std::int64_t i = 0; i < expected.size(); ++i) {
    const double error = std::abs(double(got[i]) - double(expected[i]));
    if (error <= tolerance * largest) continue;  // NaN is an error, too
    FAIL_CHECK(what << " element " << i << ": expected " << expected[i] << ", got " << got[i] << ", largest "
                    << largest);
    return;
  }
}

/// The operands of a golden case as parameters with gradients, in separate memory.
class GoldenCase {
 public:
  GoldenCase(std::string name, const std::vector<std::string>& operands) : name_(std::move(name)) {
    for (const std::string& key : operands) {
      const ConstView value = golden_floats(name_ + "." + key);
      gradients_.emplace_back(value.shape);
      Parameter p(value.shape);
      p.name = key;
      p.value = View(const_cast<float*>(value.data), value.shape);  // nobody writes to it
      p.gradient = gradients_.back().view();
      parameters_.push_back(p);
    }
  }
  const Parameter& parameter(std::size_t k) const { return parameters_[k]; }
  Var var(std::size_t k) const { return {parameters_[k].value, parameters_[k].gradient}; }

  /// Compares the result, runs backward from the golden cotangent, compares every gradient.
  void check(Tape& tape, Var y) const {
    check_close(y.value, golden_floats(name_ + ".y"), name_ + ".y");
    tape.backward(y, golden_floats(name_ + ".dy"));
    for (const Parameter& p : parameters_) {
      check_close(p.gradient, golden_floats(name_ + ".d" + p.name), name_ + ".d" + p.name);
    }
  }

 private:
  std::string name_;
  std::vector<Tensor> gradients_;
  std::vector<Parameter> parameters_;
};

}  // namespace plainsight::test
