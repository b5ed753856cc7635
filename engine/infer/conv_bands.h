#pragma once

#include "engine/base/memory.h"
#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/infer/conv_plan_info.h"
#include "engine/infer/conv_shape.h"
#include "engine/infer/patch.h"
#include "engine/kernels/conv/conv_kernels.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The part that direct convolution and im2col share: the packed weights, and the schedule. Output rows are
/// computed in bands. A thread copies a band's input rows with their halo (one pixel on each side, zeros
/// outside of the image), so that no tap needs a test. Then, for one panel of output channels after the
/// other, it sums the products over all channels and taps, and applies the epilogue to the sums.
///
///   copy [plane][rows + 2][copy_width][depth]       the band's input with its halo
///   sums [channel block of the panel][rows * columns][16]
///   weights [panel][plane][tap][depth][panel width]
///
/// A plane is a channel block of depth 16, or one colour of a planar input (depth 1).
class ConvBands {
 public:
  ConvBands(const ConvShape& shape, ConstView weight, ConstView bias, const ConvKernels& kernels);

  std::int64_t rows() const { return rows_; }  ///< most rows of a band
  std::int64_t depth() const { return depth_; }
  std::int64_t planes() const { return planes_; }
  std::int64_t panels() const { return panels_; }
  std::int64_t image_size() const { return planes_ * depth_ * shape_.height * shape_.width; }

  std::int64_t copy_row_size() const { return copy_width_ * depth_; }
  std::int64_t copy_plane_size() const { return (rows_ + 2) * copy_row_size(); }
  std::int64_t copy_size() const { return round_up(planes_ * copy_plane_size(), kChannelBlock); }
  /// Distance between two channel blocks of the sums.
  std::int64_t sums_stride() const { return rows_ * widest_ * kChannelBlock; }
  std::int64_t sums_size() const { return rows_ * widest_ * kernels_.panel; }

  const float* weights(std::int64_t panel) const { return weights_.get() + panel * panel_size(); }
  /// The input around `patch`, which has at most rows() rows, from one image at `in`.
  void copy_input(float* copy, const float* in, const Patch& patch) const;
  /// Epilogue of one panel's sums for `patch`. Its channel blocks go to `out` + i * out_plane.
  void finish(float* out, std::int64_t out_plane, const float* sums, std::int64_t panel,
              const Patch& patch) const;
  /// Calls f(worker, out, out_plane, in, band) for every band of the batch, on all threads. The band's
  /// results begin at `out`, its image at `in`.
  template <class F>
  void for_each_band(float* out, const float* in, std::int64_t images, F&& f) const;

  void describe(ConvPlanInfo& info) const;

 private:
  void pack_weights(ConstView weight);
  std::int64_t panel_size() const { return planes_ * 9 * depth_ * kernels_.panel; }

  ConvShape shape_;
  const ConvKernels& kernels_;
  std::int64_t depth_, planes_, panels_;
  std::int64_t widest_;      ///< columns of the widest patch: the image and its halo
  std::int64_t copy_width_;  ///< the widest patch and its halo
  std::int64_t rows_;
  FloatBuffer weights_, bias_;
};

template <class F>
void ConvBands::for_each_band(float* out, const float* in, std::int64_t images, F&& f) const {
  const std::int64_t step = shape_.pool ? 2 : 1;
  const std::int64_t out_row = shape_.width / step * kChannelBlock,
                     out_plane = shape_.height / step * out_row;
  const std::int64_t out_image = shape_.out_shape(1).size();
  const std::int64_t bands = ceil_div(shape_.height, rows_);
  parallel_tasks(images * bands, [&](std::int64_t worker, std::int64_t task) {
    const std::int64_t image = task / bands, y = task % bands * rows_;
    f(worker, out + image * out_image + y / step * out_row, out_plane, in + image * image_size(),
      Patch{y, 0, std::min(rows_, shape_.height - y), shape_.width});
  });
}

}  // namespace plainsight
