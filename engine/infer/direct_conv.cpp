#include "engine/infer/direct_conv.h"

#include <algorithm>

#include "engine/base/round.h"
#include "engine/infer/layout.h"

namespace plainsight {

DirectConv::DirectConv(const ConvShape& shape, ConstView weight, ConstView bias, const ConvKernels& kernels)
    : shape_(shape), kernels_(kernels), bands_(shape, weight, bias, kernels) {
  for (std::int64_t plane = 0; plane < bands_.planes(); ++plane)
    for (std::int64_t tap = 0; tap < 9; ++tap)
      offsets_.push_back(plane * bands_.copy_plane_size() + tap / 3 * bands_.copy_row_size() +
                         tap % 3 * bands_.depth());
}

/// sums [channel block][rows * columns][16] of one panel, row by row: a row of the image ends at its border.
void DirectConv::multiply(float* sums, const float* copy, std::int64_t panel, const Patch& patch) const {
  const auto product = shape_.planar_input ? kernels_.planar_product : kernels_.product;
  for (std::int64_t y = 0; y < patch.rows; ++y)
    for_each_even_block(patch.columns, kernels_.rows, [&](std::int64_t x, std::int64_t count) {
      product(sums + (y * patch.columns + x) * kChannelBlock, bands_.sums_stride(),
              copy + y * bands_.copy_row_size() + x * bands_.depth(), offsets_.data(), offsets_.size(),
              bands_.weights(panel), static_cast<int>(count), {nullptr, 0});
    });
}

void DirectConv::run_band(float* out, std::int64_t out_plane, const float* in, const Patch& band,
                          float* workspace) const {
  float* copy = workspace;
  float* sums = copy + bands_.copy_size();
  bands_.copy_input(copy, in, band);
  for (std::int64_t panel = 0; panel < bands_.panels(); ++panel) {
    multiply(sums, copy, panel, band);
    bands_.finish(out, out_plane, sums, panel, band);
  }
}

void DirectConv::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  bands_.for_each_band(out, in, images,
                       [&](std::int64_t worker, float* band_out, std::int64_t out_plane, const float* image,
                           const Patch& band) {
                         run_band(band_out, out_plane, image, band,
                                  workspace + worker * patch_workspace_size());
                       });
}

void DirectConv::run_patch(float* out, const float* in, const Patch& patch, float* workspace) const {
  const std::int64_t row_size = patch.columns * kChannelBlock, plane = patch.rows * row_size;
  for (std::int64_t r = 0; r < patch.rows; r += bands_.rows())
    run_band(out + r * row_size, plane, in,
             {patch.y + r, patch.x, std::min(bands_.rows(), patch.rows - r), patch.columns}, workspace);
  // Beyond the image the next layer must read its zero padding, not what the taps gave there.
  const auto outside = [](std::int64_t i, std::int64_t size) { return i < 0 || i >= size; };
  for (std::int64_t b = 0; b < channel_blocks(shape_.out_channels); ++b)
    for (std::int64_t r = 0; r < patch.rows; ++r) {
      float* row = out + b * plane + r * row_size;
      if (outside(patch.y + r, shape_.height)) std::fill_n(row, row_size, 0.0f);
      for (const std::int64_t c : {std::int64_t{0}, patch.columns - 1})
        if (outside(patch.x + c, shape_.width)) std::fill_n(row + c * kChannelBlock, kChannelBlock, 0.0f);
    }
}

}  // namespace plainsight
