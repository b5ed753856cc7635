#pragma once

#include "weights-convert/weights.h"

namespace plainsight::convert {

/// Throws Error unless the tensors are those of torchvision's VGG16: names, shapes, F32. When the file name
/// ends in a hash, as vgg16-397923af.pth does, the file's SHA-256 must begin with it.
void expect_vgg16(const Weights& weights);

}  // namespace plainsight::convert
