#include "engine/infer/conv_plan.h"

#include "engine/base/error.h"
#include "engine/infer/direct_conv.h"
#include "engine/infer/im2col_conv.h"
#include "engine/infer/winograd_conv.h"

namespace plainsight {
namespace {

/// Winograd wherever there are channels to multiply: the few colours of an image are not worth a transform.
ConvAlgorithm choose(const ConvShape& shape, ConvAlgorithm requested) {
  if (shape.planar_input) return ConvAlgorithm::direct;
  if (requested != ConvAlgorithm::auto_) return requested;
  return shape.in_channels >= kChannelBlock ? ConvAlgorithm::winograd : ConvAlgorithm::direct;
}

}  // namespace

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
    method_ = std::make_unique<WinogradConv>(shape, weight, bias, options.winograd_tile, table.conv);
  } else if (info_.algorithm == ConvAlgorithm::im2col) {
    method_ = std::make_unique<Im2colConv>(shape, weight, bias, table.conv);
  } else {
    method_ = std::make_unique<DirectConv>(shape, weight, bias, table.conv);
  }
  method_->describe(info_);
}

ConvPlan::~ConvPlan() = default;
ConvPlan::ConvPlan(ConvPlan&&) noexcept = default;
ConvPlan& ConvPlan::operator=(ConvPlan&&) noexcept = default;

std::int64_t ConvPlan::workspace_size() const { return method_->workspace_size(); }

void ConvPlan::run(View out, ConstView in, View workspace) const {
  const std::int64_t images = in.rows();
  require(in.shape == in_shape(images), "ConvPlan::run: wrong input shape");
  require(out.shape == out_shape(images), "ConvPlan::run: wrong output shape");
  require(workspace.size() >= workspace_size(), "ConvPlan::run: workspace too small");
  if (out.size() > 0) method_->run(out.data, in.data, images, workspace.data);
}

}  // namespace plainsight
