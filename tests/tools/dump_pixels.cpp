// Prints pixels for the reference scripts: for each image on the command line, "WIDTH HEIGHT\n" and its RGB
// bytes; with --resize 224, after Pillow's bilinear resize to 224 x 224.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "data/image_decode.h"
#include "data/image_resize.h"

int main(int argc, char** argv) {
  int first = 1, side = 0;
  if (argc > 2 && std::strcmp(argv[1], "--resize") == 0) {
    side = std::atoi(argv[2]);
    first = 3;
  }
  try {
    for (int i = first; i < argc; ++i) {
      plainsight::Image image = plainsight::decode_image(std::filesystem::path(argv[i]));
      if (side > 0) image = plainsight::resize_bilinear(image, side, side);
      std::printf("%d %d\n", image.width, image.height);
      std::fwrite(image.rgb.data(), 1, image.rgb.size(), stdout);
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "dump_pixels: %s\n", e.what());
    return 1;
  }
  return 0;
}
