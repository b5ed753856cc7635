#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/round.h"
#include "engine/tensor/tensor.h"

namespace plainsight {

/// A trained tensor: its checkpoint name (PyTorch's) and views of its value and gradient in a
/// ParameterSet's buffers. Copies share the memory. A layer constructs it with a shape only; ParameterSet
/// adds name and memory.
struct Parameter {
  std::string name;
  View value;
  View gradient;

  Parameter() = default;
  explicit Parameter(Shape shape) : value(nullptr, shape), gradient(nullptr, shape) {}
};

/// All parameters of a model in one flat buffer, and their gradients in another with the same offsets:
/// zeroing, clipping and Adam are one pass each. Each tensor starts on a 64-byte boundary; the gaps are and
/// stay zero. Move-only.
class ParameterSet {
 public:
  ParameterSet() = default;
  /// Names and places the parameters of `module`, in the order in which module.visit(prefix, f) shows them
  /// to f(name, Parameter&). The parameters' views stay valid as long as this set lives (moving it included).
  template <class Module>
  explicit ParameterSet(Module& module) {
    std::int64_t size = 0;
    module.visit("", [&](const std::string&, Parameter& p) { size += padded(p.value.size()); });
    allocate(size);
    module.visit("", [&](const std::string& name, Parameter& p) { place(name, p); });
  }

  const std::vector<Parameter>& parameters() const { return parameters_; }
  /// nullptr when there is none of that name.
  const Parameter* find(std::string_view name) const;
  /// Number of trained values, gaps not counted.
  std::int64_t count() const;
  /// First element of a parameter in the flat buffers.
  std::int64_t offset_of(const Parameter& p) const { return p.value.data - values_.data(); }

  /// The flat buffers [size], gaps included. Optimisers keep buffers of the same size and offsets.
  View values() { return values_; }
  View gradients() { return gradients_; }
  ConstView values() const { return values_; }
  ConstView gradients() const { return gradients_; }
  void zero_gradients();

 private:
  static std::int64_t padded(std::int64_t size) { return round_up(size, kAlignment / sizeof(float)); }
  void allocate(std::int64_t size);
  void place(const std::string& name, Parameter& p);

  Tensor values_, gradients_;
  std::vector<Parameter> parameters_;
  std::int64_t used_ = 0;
};

}  // namespace plainsight
