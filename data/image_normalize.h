#pragma once

#include "data/image.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// torchvision's ToTensor and Normalize with ImageNet's mean and standard deviation, to the bit:
/// chw[c,y,x] = (rgb[y,x,c] / 255 - mean[c]) / std[c] in float32. `chw` is [3,height,width].
void normalize(View chw, const Image& image);

}  // namespace plainsight
