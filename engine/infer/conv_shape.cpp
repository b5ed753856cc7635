#include "engine/infer/conv_shape.h"

#include "engine/infer/layout.h"

namespace plainsight {

Shape ConvShape::in_shape(std::int64_t images) const {
  if (planar_input) return {images, in_channels, height, width};
  return blocked_shape(images, in_channels, height, width);
}

Shape ConvShape::out_shape(std::int64_t images) const {
  const std::int64_t step = pool ? 2 : 1;
  return blocked_shape(images, out_channels, height / step, width / step);
}

}  // namespace plainsight
