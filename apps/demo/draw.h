#pragma once

#include <filesystem>

#include "apps/demo/scene.h"
#include "data/image.h"

namespace plainsight::demo {

/// The scene as an image of 192x144 pixels, its edges smoothed by 4x4 samples a pixel.
Image draw(const Scene& scene);

/// Writes a PNG. Throws Error when the file cannot be written.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace plainsight::demo
