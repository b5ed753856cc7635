#pragma once

#include "data/image.h"

namespace plainsight {

/// Pillow's `image.resize((width, height), BILINEAR)`, to the bit; torchvision's Resize does the same to a
/// PIL image. A triangle filter as wide as the scale, in 22-bit fixed point, first along rows, then along
/// columns, each rounded to 8 bits (docs/course/pixels.md). Sizes are in pixels and positive.
Image resize_bilinear(const Image& image, int width, int height);

}  // namespace plainsight
