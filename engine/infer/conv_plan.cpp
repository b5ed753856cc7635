#include "engine/infer/conv_plan.h"

#include "engine/infer/conv_method.h"

namespace plainsight {
namespace {

/// Winograd wherever there are channels to multiply; a picture's few colours are not worth a transform.
ConvAlgorithm choose(const ConvShape& shape, ConvAlgorithm asked) {
  if (shape.planar_input) return ConvAlgorithm::direct;
  if (asked != ConvAlgorithm::auto_) return asked;
  return shape.in_channels >= kChannelBlock ? ConvAlgorithm::winograd : ConvAlgorithm::direct;
}

}  // namespace

const char* name_of(ConvAlgorithm algorithm) {
  switch (algorithm) {
    case ConvAlgorithm::auto_: return "auto";
    case ConvAlgorithm::direct: return "direct";
    case ConvAlgorithm::winograd: return "winograd";
    case ConvAlgorithm::im2col: return "im2col";
  }
  return "?";
}

std::string method_name(const ConvPlanInfo& info) {
  std::string name = name_of(info.algorithm);
  if (info.algorithm != ConvAlgorithm::winograd) return name;
  return name + (info.tile == 0 ? " F(6,3) and F(4,3)" : " F(" + std::to_string(info.tile) + ",3)");
}

ConvAlgorithm conv_algorithm(const std::string& name) {
  for (ConvAlgorithm a :
       {ConvAlgorithm::auto_, ConvAlgorithm::direct, ConvAlgorithm::winograd, ConvAlgorithm::im2col})
    if (name == name_of(a)) return a;
  throw UsageError("unknown convolution algorithm", name, "not a name known here",
                   "Use auto, winograd, direct or im2col");
}

ConvPlan::ConvPlan(const ConvShape& shape, ConstView weight, ConstView bias, const ConvOptions& options,
                   const KernelTable& table)
    : shape_(shape) {
  require(shape.in_channels > 0 && shape.out_channels > 0 && shape.height >= 0 && shape.width >= 0,
          "ConvPlan: sizes out of range");
  require(weight.shape == Shape({shape.out_channels, shape.in_channels, 3, 3}),
          "ConvPlan: weight must be [K,C,3,3]");
  require(bias.size() == shape.out_channels, "ConvPlan: bias must be [K]");
  require(!shape.planar_input || options.algorithm == ConvAlgorithm::auto_ ||
              options.algorithm == ConvAlgorithm::direct,
          "ConvPlan: a planar input is convolved directly");
  info_.algorithm = choose(shape, options.algorithm);
  info_.flops = 2 * 9 * shape.in_channels * shape.out_channels * shape.height * shape.width;
  if (info_.algorithm == ConvAlgorithm::winograd) {
    require(options.winograd_tile == 0 || options.winograd_tile == 4 || options.winograd_tile == 6,
            "ConvPlan: Winograd's tile is 4 or 6");
    method_ = make_winograd(shape, weight, bias, options.winograd_tile, table.conv);
  } else {
    method_ = make_taps(shape, weight, bias, info_.algorithm == ConvAlgorithm::im2col, table.conv);
  }
  method_->describe(info_);
}

ConvPlan::~ConvPlan() = default;
ConvPlan::ConvPlan(ConvPlan&&) noexcept = default;
ConvPlan& ConvPlan::operator=(ConvPlan&&) noexcept = default;

Shape ConvPlan::in_shape(std::int64_t images) const {
  if (shape_.planar_input) return {images, shape_.in_channels, shape_.height, shape_.width};
  return blocked_shape(images, shape_.in_channels, shape_.height, shape_.width);
}

Shape ConvPlan::out_shape(std::int64_t images) const {
  const std::int64_t step = shape_.pool ? 2 : 1;
  return blocked_shape(images, shape_.out_channels, shape_.height / step, shape_.width / step);
}

std::int64_t ConvPlan::workspace_size() const { return method_->workspace_size(); }

bool ConvPlan::can_follow(const ConvPlan& first) const {
  return first.method_->computes_pieces() && method_->takes_pieces() &&
         first.shape_.out_channels == shape_.in_channels && first.shape_.height == shape_.height &&
         first.shape_.width == shape_.width;
}

std::int64_t ConvPlan::workspace_size_after(const ConvPlan& first) const {
  return method_->workspace_size_after(*first.method_);
}

void ConvPlan::run_after(const ConvPlan& first, View out, ConstView in, View workspace) const {
  const std::int64_t images = in.rows();
  require(can_follow(first), "ConvPlan::run_after: these layers cannot be joined");
  require(in.shape == first.in_shape(images), "ConvPlan::run_after: wrong input shape");
  require(out.shape == out_shape(images), "ConvPlan::run_after: wrong output shape");
  require(workspace.size() >= workspace_size_after(first), "ConvPlan::run_after: workspace too small");
  if (out.size() > 0) method_->run_after(*first.method_, out.data, in.data, images, workspace.data);
}

void ConvPlan::run(View out, ConstView in, View workspace) const {
  const std::int64_t images = in.rows();
  require(in.shape == in_shape(images), "ConvPlan::run: wrong input shape");
  require(out.shape == out_shape(images), "ConvPlan::run: wrong output shape");
  require(workspace.size() >= workspace_size(), "ConvPlan::run: workspace too small");
  if (out.size() > 0) method_->run(out.data, in.data, images, workspace.data);
}

}  // namespace plainsight
