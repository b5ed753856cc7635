#pragma once

#include <filesystem>

#include "engine/tensor/view.h"

namespace plainsight {

/// Description of preprocess() in the metadata of a feature store. Features of another preprocessing
/// are refused.
inline constexpr const char* kPreprocessing =
    "RGB, Pillow bilinear resize to 224x224, /255, ImageNet mean and std";

/// The notebook's preprocessing: decode, resize to 224 x 224 (the aspect ratio is not kept), normalise.
/// `chw` is [3,224,224]. Throws Error as decode_image does.
void preprocess(View chw, const std::filesystem::path& path);

}  // namespace plainsight
