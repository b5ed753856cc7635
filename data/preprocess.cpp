#include "data/preprocess.h"

#include "data/image_decode.h"
#include "data/image_normalize.h"
#include "data/image_resize.h"

namespace plainsight {

void preprocess(View chw, const std::filesystem::path& path) {
  normalize(chw, resize_bilinear(decode_image(path), 224, 224));
}

}  // namespace plainsight
