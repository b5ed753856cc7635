#include "model/captioner/plain_step.h"

#include <vector>

#include "engine/base/error.h"
#include "engine/plain/embedding.h"
#include "engine/plain/linear.h"
#include "engine/plain/lstm.h"
#include "engine/plain/tanh.h"
#include "engine/tensor/tensor.h"
#include "model/captioner/logits.h"

namespace plainsight {
namespace {

void linear(View y, ConstView x, ConstView weight, ConstView bias) {
  plain::linear_forward<float>(plain::matrix(y), plain::matrix(x), plain::matrix(weight), plain::row(bias));
}

class PlainTopk final : public TopkOutput {
 public:
  PlainTopk(const CaptionerStep& step, std::int64_t rows, int count)
      : step_(step),
        count_(count),
        logits_(Tensor::uninitialized({rows, step.shape().vocab})),
        log_sum_exp_(rows),
        top_(rows * count) {}

  void compute(ConstView h) override {
    const View logits = logits_.view().slice(0, h.rows());
    step_.output(logits, h);
    plain::for_each_row(logits.rows(), logits.cols(), [&](std::int64_t r) {
      const std::span<const float> z(logits.row(r), static_cast<std::size_t>(logits.cols()));
      std::vector<std::int32_t> best(count_);
      largest(best, z);
      for (std::size_t i = 0; i < count_; ++i) top_[r * count_ + i] = {z[best[i]], best[i]};
      log_sum_exp_[r] = plainsight::log_sum_exp(z);
    });
  }
  double log_sum_exp(std::int64_t r) const override { return log_sum_exp_[r]; }
  std::span<const TopLogit> top(std::int64_t r) const override { return {top_.data() + r * count_, count_}; }

 private:
  const CaptionerStep& step_;
  std::size_t count_;
  Tensor logits_;
  std::vector<double> log_sum_exp_;
  std::vector<TopLogit> top_;
};

}  // namespace

void PlainStep::start(View h, View c, ConstView features) const {
  require(features.cols() == shape().features && h.rows() == features.rows() && c.rows() == features.rows(),
          "CaptionerStep::start: shapes do not fit");
  linear(h, features, w_.img_to_h_weight, w_.img_to_h_bias);
  linear(c, features, w_.img_to_c_weight, w_.img_to_c_bias);
  plain::tanh_forward<float>(plain::row(h), plain::row(ConstView(h)));
  plain::tanh_forward<float>(plain::row(c), plain::row(ConstView(c)));
}

void PlainStep::advance(View h, View c, View x, View gates, std::span<const std::int32_t> tokens) const {
  const auto rows = static_cast<std::int64_t>(tokens.size());
  require(h.shape == Shape{rows, shape().hidden} && c.shape == h.shape &&
              x.shape == Shape{rows, shape().embed} && gates.shape == Shape{rows, 4 * shape().hidden},
          "CaptionerStep::advance: shapes do not fit");
  for (const std::int32_t token : tokens)
    require(0 <= token && token < shape().vocab, "CaptionerStep::advance: token out of range");
  plain::embedding_forward<float>(plain::matrix(x), tokens, plain::matrix(w_.embedding));
  // A sequence of one step, from a copy of the state to the state.
  const plain::Matrix<float> h_before = plain::matrix(h), c_before = plain::matrix(c);
  const auto map_of = [](const plain::Matrix<float>& m) {
    return plain::ConstMap<float>(m.data(), m.rows(), m.cols());
  };
  const plain::LstmInputs<float> in{plain::matrix(ConstView(x)), map_of(h_before), map_of(c_before),
                                    std::span(&rows, 1)};
  const plain::LstmWeights<float> weights{plain::matrix(w_.weight_ih), plain::matrix(w_.weight_hh),
                                          plain::row(w_.bias_ih), plain::row(w_.bias_hh)};
  plain::lstm_forward<float>({plain::matrix(h), plain::matrix(c), plain::matrix(gates)}, in, weights);
}

void PlainStep::output(View logits, ConstView h) const {
  require(logits.shape == Shape{h.rows(), shape().vocab}, "CaptionerStep::output: shapes do not fit");
  linear(logits, h, w_.fc_weight, w_.fc_bias);
}

std::unique_ptr<TopkOutput> PlainStep::topk_output(std::int64_t rows, int count) const {
  require(0 < count && count <= shape().vocab, "CaptionerStep::topk_output: count out of range");
  return std::make_unique<PlainTopk>(*this, rows, count);
}

}  // namespace plainsight
