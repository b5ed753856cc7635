#include "engine/infer/im2col_conv.h"

#include <cstring>

#include "engine/base/round.h"

namespace plainsight {

Im2colConv::Im2colConv(const ConvShape& shape, ConstView weight, ConstView bias, const ConvKernels& kernels)
    : shape_(shape), kernels_(kernels), bands_(shape, weight, bias, kernels) {
  for (std::int64_t i = 0; i < 9 * bands_.planes(); ++i) offsets_.push_back(i * tap_size());
}

/// taps [channel block][tap][rows * width][16]: nine shifted copies of the band's pixels.
void Im2colConv::gather_taps(float* taps, const float* copy, std::int64_t rows) const {
  const std::int64_t row_size = shape_.width * kChannelBlock;
  for (std::int64_t b = 0; b < bands_.planes(); ++b)
    for (std::int64_t tap = 0; tap < 9; ++tap)
      for (std::int64_t i = 0; i < rows; ++i)
        std::memcpy(taps + (b * 9 + tap) * tap_size() + i * row_size,
                    copy + b * bands_.copy_plane_size() + (i + tap / 3) * bands_.copy_row_size() +
                        tap % 3 * kChannelBlock,
                    row_size * sizeof(float));
}

/// sums [channel block][pixel][16] of one panel. Gathered pixels follow one another across rows.
void Im2colConv::multiply(float* sums, const float* taps, std::int64_t panel, std::int64_t pixels) const {
  for_each_even_block(pixels, kernels_.rows, [&](std::int64_t first, std::int64_t count) {
    kernels_.product(sums + first * kChannelBlock, bands_.sums_stride(), taps + first * kChannelBlock,
                     offsets_.data(), offsets_.size(), bands_.weights(panel), static_cast<int>(count),
                     {nullptr, 0});
  });
}

void Im2colConv::run_band(float* out, std::int64_t out_plane, const float* in, const Patch& band,
                          float* workspace) const {
  float* copy = workspace;
  float* taps = copy + bands_.copy_size();
  float* sums = taps + taps_size();
  bands_.copy_input(copy, in, band);
  gather_taps(taps, copy, band.rows);
  for (std::int64_t panel = 0; panel < bands_.panels(); ++panel) {
    multiply(sums, taps, panel, band.rows * band.columns);
    bands_.finish(out, out_plane, sums, panel, band);
  }
}

void Im2colConv::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  bands_.for_each_band(out, in, images,
                       [&](std::int64_t worker, float* band_out, std::int64_t out_plane, const float* image,
                           const Patch& band) {
                         run_band(band_out, out_plane, image, band, workspace + worker * worker_size());
                       });
}

}  // namespace plainsight
