// Direct convolution and im2col: y[k] = sum over channels c and taps (dy, dx) of x[c, y + dy, x + dx] w[k, c,
// dy, dx].
//
// The work goes in bands of output rows. A band's input rows are copied with their zero border, so that no
// tap needs a test; then each tap of each channel block is one block of the product kernel: direct points it
// at the shifted pixels, im2col gathers the nine shifted copies first. Both read the same weights in the same
// order and give the same bits.

#include <vector>

#include "engine/infer/conv_method.h"

namespace plainsight {
namespace {

using Piece = ConvPlan::Piece;

/// A band's copied input, and its sums: each at most a quarter of an L2 cache of 1 MB, the weights need room
/// as well.
constexpr std::int64_t kBandBytes = 256 * 1024;

class TapMethod final : public ConvPlan::Method {
 public:
  TapMethod(const ConvShape& shape, ConstView weight, ConstView bias, bool gather,
            const ConvKernels& kernels);
  std::int64_t workspace_size() const override { return threads() * worker_size(); }
  void run(float* out, const float* in, std::int64_t images, float* workspace) const override;
  void describe(ConvPlanInfo& info) const override;
  bool computes_pieces() const override { return !shape_.pool && !gather_; }
  std::int64_t piece_workspace_size() const override { return worker_size(); }
  std::int64_t image_size() const override { return planes_ * depth_ * shape_.height * shape_.width; }
  void run_piece(float* out, const float* in, const Piece& piece, float* workspace) const override;

 private:
  void pack_weights(ConstView weight);
  void copy_band(float* band, const float* in, const Piece& piece) const;
  void gather_taps(float* taps, const float* band, std::int64_t rows) const;
  void multiply(float* sums, const float* a, std::int64_t panel, std::int64_t rows, std::int64_t width) const;
  void run_band(float* out, std::int64_t out_plane, const float* in, const Piece& piece,
                float* workspace) const;

  std::int64_t band_size() const { return planes_ * (band_ + 2) * padded_width_ * depth_; }
  std::int64_t gathered_size() const { return gather_ ? 9 * planes_ * band_ * shape_.width * depth_ : 0; }
  std::int64_t sums_size() const { return band_ * widest_ * kernels_.panel; }
  std::int64_t worker_size() const {
    return round_up(band_size(), kChannelBlock) + round_up(gathered_size(), kChannelBlock) + sums_size();
  }

  ConvShape shape_;
  const ConvKernels& kernels_;
  bool gather_;
  std::int64_t depth_;   ///< channels of a block: 16, or 1 when the input is planar
  std::int64_t planes_;  ///< blocks of channels
  std::int64_t widest_;  ///< columns of a piece: the picture and one beyond it on each side
  std::int64_t padded_width_, band_, panels_;
  std::vector<long> offsets_;  ///< of each (channel block, tap) in what the product reads
  FloatBuffer weights_;        ///< [panel][channel block][tap][depth][panel width]
  FloatBuffer bias_;
};

TapMethod::TapMethod(const ConvShape& shape, ConstView weight, ConstView bias, bool gather,
                     const ConvKernels& kernels)
    : shape_(shape),
      kernels_(kernels),
      gather_(gather),
      depth_(shape.planar_input ? 1 : kChannelBlock),
      planes_(shape.planar_input ? shape.in_channels : channel_blocks(shape.in_channels)),
      widest_(shape.width + 2),
      padded_width_(widest_ + 2),
      panels_(round_up(shape.out_channels, kernels.panel) / kernels.panel),
      bias_(padded_bias(bias, kernels.panel)) {
  const std::int64_t float_size = static_cast<std::int64_t>(sizeof(float));
  const std::int64_t fit_input = kBandBytes / (planes_ * padded_width_ * depth_ * float_size) - 2;
  const std::int64_t fit_sums = kBandBytes / (widest_ * kernels.panel * float_size);
  // Even, so that no pool window is cut; at most a quarter of the picture, so that there are bands to share
  // out.
  const std::int64_t longest = std::max<std::int64_t>(2, shape.height / 4);
  band_ = std::clamp<std::int64_t>(std::min(fit_input, fit_sums), 2, longest) / 2 * 2;
  for (std::int64_t b = 0; b < planes_; ++b)
    for (std::int64_t tap = 0; tap < 9; ++tap)
      offsets_.push_back(gather ? (b * 9 + tap) * band_ * shape.width * depth_
                                : ((b * (band_ + 2) + tap / 3) * padded_width_ + tap % 3) * depth_);
  pack_weights(weight);
}

void TapMethod::pack_weights(ConstView weight) {
  const std::int64_t per_panel = planes_ * 9 * depth_ * kernels_.panel;
  weights_ = allocate_floats(static_cast<std::size_t>(panels_ * per_panel));
  parallel_for(shape_.out_channels, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k)
      for (std::int64_t c = 0; c < shape_.in_channels; ++c)
        for (std::int64_t tap = 0; tap < 9; ++tap)
          weights_[k / kernels_.panel * per_panel +
                   ((c / depth_ * 9 + tap) * depth_ + c % depth_) * kernels_.panel + k % kernels_.panel] =
              weight[(k * shape_.in_channels + c) * 9 + tap];
  });
}

/// band[plane][rows + 2][padded width][depth] = the piece's pixels and those around it, zeros outside of the
/// picture.
void TapMethod::copy_band(float* band, const float* in, const Piece& piece) const {
  const std::int64_t width = shape_.width, first = std::max<std::int64_t>(piece.x - 1, 0);
  const std::int64_t last =
      std::min(piece.x + piece.columns + 1, width);  // columns [first, last) are in the picture
  const std::int64_t left = first - (piece.x - 1), right = piece.x + piece.columns + 1 - last;
  for (std::int64_t b = 0; b < planes_; ++b)
    for (std::int64_t i = 0; i < piece.rows + 2; ++i) {
      float* row = band + (b * (band_ + 2) + i) * padded_width_ * depth_;
      const std::int64_t y = piece.y + i - 1;
      if (y < 0 || y >= shape_.height) {
        std::fill_n(row, (piece.columns + 2) * depth_, 0.0f);
        continue;
      }
      std::fill_n(row, left * depth_, 0.0f);
      std::memcpy(row + left * depth_, in + ((b * shape_.height + y) * width + first) * depth_,
                  static_cast<std::size_t>((last - first) * depth_) * sizeof(float));
      std::fill_n(row + (left + last - first) * depth_, right * depth_, 0.0f);
    }
}

/// taps[plane][tap][rows * width][depth]: nine shifted copies of the band.
void TapMethod::gather_taps(float* taps, const float* band, std::int64_t rows) const {
  const std::size_t row_bytes = static_cast<std::size_t>(shape_.width * depth_) * sizeof(float);
  for (std::int64_t b = 0; b < planes_; ++b)
    for (std::int64_t tap = 0; tap < 9; ++tap)
      for (std::int64_t i = 0; i < rows; ++i)
        std::memcpy(taps + ((b * 9 + tap) * band_ + i) * shape_.width * depth_,
                    band + ((b * (band_ + 2) + i + tap / 3) * padded_width_ + tap % 3) * depth_, row_bytes);
}

/// sums[panel / 16][rows][width][16] for one panel of output channels.
void TapMethod::multiply(float* sums, const float* a, std::int64_t panel, std::int64_t rows,
                         std::int64_t width) const {
  const auto product = shape_.planar_input ? kernels_.planar_product : kernels_.product;
  const long blocks = static_cast<long>(offsets_.size());
  const float* weights = weights_.get() + panel * blocks * depth_ * kernels_.panel;
  const std::int64_t out_stride = band_ * widest_ * kChannelBlock;
  // Gathered pixels follow one another across rows; in place, a row of the picture ends at its border.
  const std::int64_t lines = gather_ ? 1 : rows, line = gather_ ? rows * width : width;
  const std::int64_t line_step = gather_ ? 0 : padded_width_ * depth_;
  for (std::int64_t y = 0; y < lines; ++y)
    in_even_parts(line, kernels_.rows, [&](std::int64_t x, std::int64_t count) {
      product(sums + (y * width + x) * kChannelBlock, out_stride, a + y * line_step + x * depth_,
              offsets_.data(), blocks, weights, static_cast<int>(count), {nullptr, 0});
    });
}

/// A piece of at most `band_` rows; its results begin at `out`, and those of the next channel block
/// `out_plane` further.
void TapMethod::run_band(float* out, std::int64_t out_plane, const float* in, const Piece& piece,
                         float* workspace) const {
  float* band = workspace;
  float* taps = band + round_up(band_size(), kChannelBlock);
  float* sums = taps + round_up(gathered_size(), kChannelBlock);
  copy_band(band, in, piece);
  if (gather_) gather_taps(taps, band, piece.rows);
  for (std::int64_t p = 0; p < panels_; ++p) {
    multiply(sums, gather_ ? taps : band, p, piece.rows, piece.columns);
    for (std::int64_t k = p * kernels_.panel;
         k < std::min((p + 1) * kernels_.panel, round_up(shape_.out_channels, kChannelBlock));
         k += kChannelBlock)
      kernels_.finish(out + k / kChannelBlock * out_plane, sums + k % kernels_.panel * band_ * widest_,
                      piece.rows, piece.columns, {bias_.get() + k, shape_.relu, shape_.pool});
  }
}

void TapMethod::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  const std::int64_t bands = ceil_div(shape_.height, band_);
  const std::int64_t step = shape_.pool ? 2 : 1;
  const std::int64_t out_plane = (shape_.height / step) * (shape_.width / step) * kChannelBlock;
  const std::int64_t out_size = channel_blocks(shape_.out_channels) * out_plane;
  share_tasks(images * bands, [&](std::int64_t worker, std::int64_t task) {
    const std::int64_t image = task / bands, y = task % bands * band_;
    run_band(out + image * out_size + y / step * (shape_.width / step) * kChannelBlock, out_plane,
             in + image * image_size(), {y, 0, std::min(band_, shape_.height - y), shape_.width},
             workspace + worker * worker_size());
  });
}

void TapMethod::run_piece(float* out, const float* in, const Piece& piece, float* workspace) const {
  const std::int64_t plane = piece.rows * piece.columns * kChannelBlock;
  for (std::int64_t r = 0; r < piece.rows; r += band_)
    run_band(out + r * piece.columns * kChannelBlock, plane, in,
             {piece.y + r, piece.x, std::min(band_, piece.rows - r), piece.columns}, workspace);
  // What lies outside of the picture is zero, not the result of its neighbours.
  const auto outside = [](std::int64_t i, std::int64_t size) { return i < 0 || i >= size; };
  for (std::int64_t b = 0; b < channel_blocks(shape_.out_channels); ++b)
    for (std::int64_t r = 0; r < piece.rows; ++r) {
      float* row = out + b * plane + r * piece.columns * kChannelBlock;
      if (outside(piece.y + r, shape_.height)) std::fill_n(row, piece.columns * kChannelBlock, 0.0f);
      for (const std::int64_t c : {std::int64_t{0}, piece.columns - 1})
        if (outside(piece.x + c, shape_.width)) std::fill_n(row + c * kChannelBlock, kChannelBlock, 0.0f);
    }
}

void TapMethod::describe(ConvPlanInfo& info) const {
  info.block = band_;
  info.weight_bytes =
      panels_ * planes_ * 9 * depth_ * kernels_.panel * static_cast<std::int64_t>(sizeof(float));
  info.product_flops = 2 * 9 * planes_ * depth_ * panels_ * kernels_.panel * shape_.height * shape_.width;
}

}  // namespace

std::unique_ptr<const ConvPlan::Method> make_taps(const ConvShape& shape, ConstView weight, ConstView bias,
                                                  bool gather, const ConvKernels& kernels) {
  return std::make_unique<TapMethod>(shape, weight, bias, gather, kernels);
}

}  // namespace plainsight
