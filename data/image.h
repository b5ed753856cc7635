#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/tensor/view.h"

namespace plainsight {

/// A picture of 8-bit RGB pixels, rows from the top: rgb[(y * width + x) * 3 + channel].
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;
};

/// What a picture may ask for. A file that claims more is refused before its pixels are decoded.
struct ImageLimits {
  std::size_t file_bytes = std::size_t{64} << 20;
  int side = 16384;
  std::int64_t pixels = 89'478'485;             ///< where Pillow begins to warn of a decompression bomb
  std::size_t memory = std::size_t{512} << 20;  ///< of the decoder at its peak, the result included

  /// Throws Error naming the file when its header claims more than `side` or `pixels`.
  void check_size(std::uint32_t width, std::uint32_t height, const std::string& name) const;
  /// Throws Error: decoding the file needs more than `memory`.
  [[noreturn]] void refuse_memory(const std::string& name) const;
};

/// Decodes a JPEG or PNG file to the pixels of Pillow's `Image.open(path).convert("RGB")`, to the bit: alpha is dropped,
/// not blended; gray is replicated; palettes are looked up; EXIF orientation is not applied. One exception: 16-bit gray PNG
/// keeps its high byte, where Pillow clips. Throws Error naming the file when it is neither kind, truncated, damaged or beyond
/// the limits, also for damage that Pillow passes over: where a part of the picture is missing and libjpeg would make it up.
/// (Bytes in a JPEG that belong to nothing are passed over here too.) Arithmetic, lossless and 12-bit JPEG are refused.
Image decode_image(const std::filesystem::path& path, const ImageLimits& limits = {});

/// The same from the bytes of a file; `name` is what errors call it.
Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits = {});

/// Pillow's `image.resize((width, height), BILINEAR)`, which is what torchvision's Resize does to a PIL
/// image, to the bit: a triangle filter as wide as the scale, in 22-bit fixed point, first along rows, then
/// along columns, each rounded to 8 bits.
Image resize_bilinear(const Image& image, int width, int height);

/// torchvision's ToTensor and Normalize with ImageNet's mean and deviation, to the bit:
/// chw[c,y,x] = (rgb[y,x,c] / 255 - mean[c]) / std[c] in float32. `chw` is [3,height,width].
void normalize(View chw, const Image& image);

/// What preprocess does, in words: a store of features says so, and features of another preprocessing do not fit.
inline constexpr const char* kPreprocessing =
    "RGB, Pillow bilinear resize to 224x224, /255, ImageNet mean and std";

/// The notebook's whole preprocessing: decode, resize to 224 x 224 (the aspect is not kept), normalise.
/// `chw` is [3,224,224]. Throws Error as decode_image does.
void preprocess(View chw, const std::filesystem::path& path);

}  // namespace plainsight
