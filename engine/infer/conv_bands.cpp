#include "engine/infer/conv_bands.h"

#include <algorithm>
#include <cstring>

#include "engine/base/round.h"
#include "engine/infer/layout.h"

namespace plainsight {
namespace {

/// Limit of a band's copied input, and of its sums: a quarter of a 1 MB L2 cache each. One panel of weights
/// (C * 9 * 32 floats: 74 KB for 64 channels) needs room as well.
constexpr std::int64_t kBandBytes = 256 * 1024;

}  // namespace

ConvBands::ConvBands(const ConvShape& shape, ConstView weight, ConstView bias, const ConvKernels& kernels)
    : shape_(shape),
      kernels_(kernels),
      depth_(shape.planar_input ? 1 : kChannelBlock),
      planes_(shape.planar_input ? shape.in_channels : channel_blocks(shape.in_channels)),
      panels_(ceil_div(shape.out_channels, kernels.panel)),
      widest_(shape.width + 2),
      copy_width_(widest_ + 2),
      bias_(padded_bias(bias, kernels.panel)) {
  constexpr std::int64_t kFloat = sizeof(float);
  const std::int64_t fit_copy = kBandBytes / (planes_ * copy_row_size() * kFloat) - 2;
  const std::int64_t fit_sums = kBandBytes / (widest_ * kernels.panel * kFloat);
  // Even, so that no pool window is cut; at most a quarter of the image, so that threads can share one image.
  const std::int64_t most = std::max<std::int64_t>(2, shape.height / 4);
  rows_ = std::clamp<std::int64_t>(std::min(fit_copy, fit_sums), 2, most) / 2 * 2;
  pack_weights(weight);
}

void ConvBands::pack_weights(ConstView weight) {
  weights_ = allocate_floats(panels_ * panel_size());
  parallel_for(shape_.out_channels, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k)
      for (std::int64_t c = 0; c < shape_.in_channels; ++c)
        for (std::int64_t tap = 0; tap < 9; ++tap)
          weights_[k / kernels_.panel * panel_size() +
                   ((c / depth_ * 9 + tap) * depth_ + c % depth_) * kernels_.panel + k % kernels_.panel] =
              weight[(k * shape_.in_channels + c) * 9 + tap];
  });
}

void ConvBands::copy_input(float* copy, const float* in, const Patch& patch) const {
  // Of the columns [patch.x - 1, patch.x + patch.columns + 1), those in [first, last) are in the image.
  const std::int64_t first = std::max<std::int64_t>(patch.x - 1, 0);
  const std::int64_t last = std::min(patch.x + patch.columns + 1, shape_.width);
  const std::int64_t left = first - (patch.x - 1), right = patch.x + patch.columns + 1 - last;
  for (std::int64_t plane = 0; plane < planes_; ++plane)
    for (std::int64_t i = 0; i < patch.rows + 2; ++i) {
      float* row = copy + plane * copy_plane_size() + i * copy_row_size();
      const std::int64_t y = patch.y + i - 1;
      if (y < 0 || y >= shape_.height) {
        std::fill_n(row, (patch.columns + 2) * depth_, 0.0f);
        continue;
      }
      std::fill_n(row, left * depth_, 0.0f);
      std::memcpy(row + left * depth_, in + ((plane * shape_.height + y) * shape_.width + first) * depth_,
                  (last - first) * depth_ * sizeof(float));
      std::fill_n(row + (left + last - first) * depth_, right * depth_, 0.0f);
    }
}

void ConvBands::finish(float* out, std::int64_t out_plane, const float* sums, std::int64_t panel,
                       const Patch& patch) const {
  const std::int64_t first = panel * kernels_.panel;
  // The last panel may be padded with channel blocks that the output does not have.
  const std::int64_t end = std::min(first + kernels_.panel, round_up(shape_.out_channels, kChannelBlock));
  for (std::int64_t k = first; k < end; k += kChannelBlock)
    kernels_.finish(out + k / kChannelBlock * out_plane, sums + (k - first) / kChannelBlock * sums_stride(),
                    patch.rows, patch.columns, {bias_.get() + k, shape_.relu, shape_.pool});
}

void ConvBands::describe(ConvPlanInfo& info) const {
  info.block = rows_;
  info.weight_bytes = panels_ * panel_size() * static_cast<std::int64_t>(sizeof(float));
  info.product_flops = 2 * panels_ * panel_size() * shape_.height * shape_.width;
}

}  // namespace plainsight
