#include "model/captioner/tuned_step.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/kernels/isa/table.h"

namespace plainsight {
namespace {

Tensor copy_of(ConstView v) {
  Tensor t = Tensor::uninitialized(v.shape);
  std::copy_n(v.data, v.size(), t.data());
  return t;
}

/// Copies `bias` to every row of y, to which a product is then added.
void fill_rows(View y, ConstView bias) {
  parallel_for(y.rows(), 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) std::copy_n(bias.data, bias.size(), y.row(r));
  });
}

class TunedTopk final : public TopkOutput {
 public:
  TunedTopk(std::int64_t rows, int count, const PackedB& weight, ConstView bias)
      : topk_(rows, weight.K(), weight.N(), count), weight_(weight), bias_(bias) {}

  void compute(ConstView h) override { topk_.compute(h, weight_, bias_); }
  double log_sum_exp(std::int64_t r) const override { return topk_.log_sum_exp(r); }
  std::span<const TopLogit> top(std::int64_t r) const override { return topk_.top(r); }

 private:
  TopkLogits topk_;
  const PackedB& weight_;
  ConstView bias_;
};

}  // namespace

TunedStep::TunedStep(const CaptionerWeights& w)
    : CaptionerStep(w.shape),
      embedding_(w.embedding),
      img_to_h_(w.img_to_h_weight, Trans::yes),
      img_to_c_(w.img_to_c_weight, Trans::yes),
      weight_ih_(w.weight_ih, Trans::yes),
      weight_hh_(w.weight_hh, Trans::yes),
      fc_(w.fc_weight, Trans::yes),
      h_bias_(copy_of(w.img_to_h_bias)),
      c_bias_(copy_of(w.img_to_c_bias)),
      gate_bias_(copy_of(w.bias_ih)),
      fc_bias_(copy_of(w.fc_bias)) {
  // Training keeps two biases, each with its own moments in Adam; inference needs only their sum.
  for (std::int64_t i = 0; i < gate_bias_.size(); ++i) gate_bias_[i] += w.bias_hh[i];
}

void TunedStep::start(View h, View c, ConstView features) const {
  require(features.cols() == shape().features && h.rows() == features.rows() && c.rows() == features.rows(),
          "CaptionerStep::start: shapes do not fit");
  fill_rows(h, h_bias_);
  fill_rows(c, c_bias_);
  gemm_packed(h, features, img_to_h_, Accumulate::yes);
  gemm_packed(c, features, img_to_c_, Accumulate::yes);
  kernels().elementwise.tanh(h.data, h.data, h.size());
  kernels().elementwise.tanh(c.data, c.data, c.size());
}

void TunedStep::advance(View h, View c, View x, View gates, std::span<const std::int32_t> tokens) const {
  const auto rows = static_cast<std::int64_t>(tokens.size());
  const std::int64_t H = shape().hidden;
  require(h.shape == Shape{rows, H} && c.shape == h.shape && x.shape == Shape{rows, shape().embed} &&
              gates.shape == Shape{rows, 4 * H},
          "CaptionerStep::advance: shapes do not fit");
  // x = embedding[tokens]
  for (std::int64_t r = 0; r < rows; ++r) {
    require(0 <= tokens[r] && tokens[r] < shape().vocab, "CaptionerStep::advance: token out of range");
    std::copy_n(embedding_.row(tokens[r]), shape().embed, x.row(r));
  }
  // gates = x Wihᵀ + h Whhᵀ + b
  fill_rows(gates, gate_bias_);
  gemm_packed(gates, x, weight_ih_, Accumulate::yes);
  gemm_packed(gates, h, weight_hh_, Accumulate::yes);
  // The cell: c = f c + i g, h = o tanh(c).
  parallel_for(rows, 4, [&](std::int64_t begin, std::int64_t end) {
    kernels().lstm.forward(gates.row(begin), c.row(begin), h.row(begin), c.row(begin), end - begin, H);
  });
}

void TunedStep::output(View logits, ConstView h) const {
  require(logits.shape == Shape{h.rows(), shape().vocab}, "CaptionerStep::output: shapes do not fit");
  fill_rows(logits, fc_bias_);
  gemm_packed(logits, h, fc_, Accumulate::yes);
}

std::unique_ptr<TopkOutput> TunedStep::topk_output(std::int64_t rows, int count) const {
  return std::make_unique<TunedTopk>(rows, count, fc_, fc_bias_);
}

}  // namespace plainsight
