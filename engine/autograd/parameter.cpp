#include "engine/autograd/parameter.h"

#include <cstring>

#include "engine/base/parallel.h"

namespace plainsight {

const Parameter* ParameterSet::find(std::string_view name) const {
  for (const Parameter& p : parameters_) {
    if (p.name == name) return &p;
  }
  return nullptr;
}

std::int64_t ParameterSet::count() const {
  std::int64_t n = 0;
  for (const Parameter& p : parameters_) n += p.value.size();
  return n;
}

void ParameterSet::zero_gradients() {
  parallel_for(gradients_.size(), 1 << 18, [&](std::int64_t begin, std::int64_t end) {
    std::memset(gradients_.data() + begin, 0, (end - begin) * sizeof(float));
  });
}

void ParameterSet::allocate(std::int64_t size) {
  values_ = Tensor({size});
  gradients_ = Tensor({size});
}

void ParameterSet::place(const std::string& name, Parameter& p) {
  require(find(name) == nullptr, "ParameterSet: two parameters of one name");
  p.name = name;
  p.value.data = values_.data() + used_;
  p.gradient = View(gradients_.data() + used_, p.value.shape);
  used_ += padded(p.value.size());
  parameters_.push_back(p);
}

}  // namespace plainsight
