#include "data/image_normalize.h"

#include <array>

#include "engine/base/error.h"

namespace plainsight {
namespace {

using Levels = std::array<std::array<float, 256>, 3>;

// The 256 values of each channel, in torchvision's order of float32 operations. (q * (1 / 255.0f) rounds
// differently for half of them.)
Levels make_levels() {
  constexpr float kMean[3] = {0.485f, 0.456f, 0.406f}, kStd[3] = {0.229f, 0.224f, 0.225f};
  Levels levels;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t q = 0; q < 256; ++q)
      levels[c][q] = (static_cast<float>(q) / 255.0f - kMean[c]) / kStd[c];
  return levels;
}

}  // namespace

void normalize(View chw, const Image& image) {
  require(chw.shape == Shape{3, image.height, image.width}, "normalize: chw is not [3,height,width]");
  static const Levels levels = make_levels();
  const std::int64_t plane = std::int64_t{image.height} * image.width;
  const std::uint8_t* q = image.rgb.data();
  float *r = chw.row(0), *g = chw.row(1), *b = chw.row(2);
  for (std::int64_t i = 0; i < plane; ++i, q += 3) {
    r[i] = levels[0][q[0]];
    g[i] = levels[1][q[1]];
    b[i] = levels[2][q[2]];
  }
}

}  // namespace plainsight
