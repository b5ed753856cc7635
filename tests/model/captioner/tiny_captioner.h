#pragma once

#include <vector>

#include "engine/base/random.h"
#include "model/captioner/captioner_weights.h"

namespace plainsight::test {

/// Random weights of a small captioner, large enough for captions to differ.
class TinyCaptioner {
 public:
  TinyCaptioner(const CaptionerShape& shape, std::uint64_t seed, float largest = 2) : shape_(shape) {
    TorchGenerator random(seed);
    for (const NamedShape& p : captioner_parameters(shape)) {
      Tensor t(p.shape);
      random.uniform({t.data(), static_cast<std::size_t>(t.size())}, -largest, largest);
      tensors_.push_back(std::move(t));
    }
  }

  CaptionerWeights weights() const {
    CaptionerWeights w;
    w.shape = shape_;
    std::size_t i = 0;
    for (ConstView* v :
         {&w.img_to_h_weight, &w.img_to_h_bias, &w.img_to_c_weight, &w.img_to_c_bias, &w.embedding,
          &w.weight_ih, &w.weight_hh, &w.bias_ih, &w.bias_hh, &w.fc_weight, &w.fc_bias})
      *v = tensors_[i++];
    return w;
  }

 private:
  CaptionerShape shape_;
  std::vector<Tensor> tensors_;
};

inline Tensor random_features(std::int64_t n, std::int64_t dim, std::uint64_t seed) {
  TorchGenerator random(seed);
  Tensor x({n, dim});
  random.normal({x.data(), static_cast<std::size_t>(x.size())}, 0, 1);
  return x;
}

}  // namespace plainsight::test
