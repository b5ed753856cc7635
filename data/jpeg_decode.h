#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "data/image_decode.h"

namespace plainsight {

/// Decodes a JPEG to Pillow's pixels with libjpeg, which only jpeg_decode.cpp sees; decode_image has the
/// rules. Throws Error naming `name`.
Image decode_jpeg(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits);

}  // namespace plainsight
