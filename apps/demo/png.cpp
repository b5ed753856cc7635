#include <cstdlib>
#include <memory>

#include "apps/demo/draw.h"
#include "engine/base/error.h"
#include "engine/io/atomic_file.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace plainsight::demo {

void write_png(const std::filesystem::path& path, const Image& image) {
  int size = 0;
  const std::unique_ptr<unsigned char, decltype(&std::free)> png(
      stbi_write_png_to_mem(image.rgb.data(), 3 * image.width, image.width, image.height, 3, &size),
      &std::free);
  if (!png) throw std::bad_alloc();
  write_file(path, {reinterpret_cast<const char*>(png.get()), static_cast<std::size_t>(size)});
}

}  // namespace plainsight::demo
