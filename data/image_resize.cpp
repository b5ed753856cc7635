#include "data/image_resize.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"

namespace plainsight {
namespace {

// Fractional bits of a weight: of 32 bits, 8 are the pixel's and 2 are spare for the sum's sign and carry.
constexpr int kPrecision = 32 - 8 - 2;
constexpr std::int32_t kHalf = 1 << (kPrecision - 1);

/// The weights of one axis. Output i = Σ_j weight[i * stride + j] · input[first[i] + j], j < count[i].
struct Filter {
  std::int64_t stride = 0;
  std::vector<int> first, count;
  std::vector<std::int32_t> weight;
};

// Triangle of half-width max(scale, 1) around the centre of each output pixel, normalised in double, then
// rounded to fixed point. The operations and their order are Pillow's, since they decide the last bit of
// a weight.
Filter make_filter(int in, int out) {
  const double scale = static_cast<double>(in) / out;
  const double support = std::max(scale, 1.0);
  const double inverse = 1.0 / support;
  Filter f;
  f.stride = static_cast<std::int64_t>(std::ceil(support)) * 2 + 1;
  f.first.resize(out);
  f.count.resize(out);
  f.weight.resize(out * f.stride);
  std::vector<double> w(f.stride);
  for (int i = 0; i < out; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int count = std::min(in, static_cast<int>(centre + support + 0.5)) - first;
    double sum = 0;
    for (int j = 0; j < count; ++j) {
      const double distance = std::abs((j + first - centre + 0.5) * inverse);
      w[j] = distance < 1.0 ? 1.0 - distance : 0.0;
      sum += w[j];
    }
    for (int j = 0; j < count; ++j) {
      const double v = w[j] / sum;
      f.weight[i * f.stride + j] = static_cast<std::int32_t>(0.5 + v * (1 << kPrecision));
    }
    f.first[i] = first;
    f.count[i] = count;
  }
  return f;
}

// The weights are not negative and their sum exceeds one by rounding only.
std::uint8_t round_to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::min(sum >> kPrecision, 255));
}

void resize_row(std::uint8_t* out, const std::uint8_t* in, const Filter& f) {
  for (std::int64_t x = 0; x < std::ssize(f.first); ++x) {
    const std::uint8_t* p = in + std::ptrdiff_t{3} * f.first[x];
    const std::int32_t* w = &f.weight[x * f.stride];
    std::int32_t r = kHalf, g = kHalf, b = kHalf;
    for (int j = 0; j < f.count[x]; ++j, p += 3) {
      r += p[0] * w[j];
      g += p[1] * w[j];
      b += p[2] * w[j];
    }
    *out++ = round_to_byte(r);
    *out++ = round_to_byte(g);
    *out++ = round_to_byte(b);
  }
}

Image resize_width(const Image& image, int width, int row_begin, int row_end) {
  const Filter f = make_filter(image.width, width);
  const std::int64_t out_row = std::int64_t{3} * width, in_row = std::int64_t{3} * image.width;
  Image out{width, row_end - row_begin, {}};
  out.rgb.resize(out.height * out_row);
  for (int y = 0; y < out.height; ++y)
    resize_row(&out.rgb[y * out_row], &image.rgb[(y + row_begin) * in_row], f);
  return out;
}

// `image` begins at row `row_begin` of the image that f was made for.
Image resize_height(const Image& image, const Filter& f, int row_begin) {
  const std::int64_t row = std::int64_t{3} * image.width, height = std::ssize(f.first);
  Image out{image.width, static_cast<int>(height), {}};
  out.rgb.resize(height * row);
  std::vector<std::int32_t> sums(row);
  for (std::int64_t y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int j = 0; j < f.count[y]; ++j) {
      const std::int32_t w = f.weight[y * f.stride + j];
      const std::uint8_t* in = &image.rgb[(f.first[y] - row_begin + j) * row];
      for (std::int64_t i = 0; i < row; ++i) sums[i] += in[i] * w;
    }
    for (std::int64_t i = 0; i < row; ++i) out.rgb[y * row + i] = round_to_byte(sums[i]);
  }
  return out;
}

}  // namespace

Image resize_bilinear(const Image& image, int width, int height) {
  require(image.width > 0 && image.height > 0 && width > 0 && height > 0, "resize_bilinear: an empty image");
  require(image.rgb.size() == std::size_t{3} * image.width * image.height,
          "resize_bilinear: rgb has another size than width x height x 3");
  // An axis that keeps its size is not filtered, as in Pillow.
  if (height == image.height)
    return width == image.width ? image : resize_width(image, width, 0, image.height);
  const Filter f = make_filter(image.height, height);
  if (width == image.width) return resize_height(image, f, 0);
  const int row_begin = f.first.front(), row_end = f.first.back() + f.count.back();
  return resize_height(resize_width(image, width, row_begin, row_end), f, row_begin);
}

}  // namespace plainsight
