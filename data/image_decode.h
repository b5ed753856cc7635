#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "data/image.h"

namespace plainsight {

/// Limits of an image file. A file whose header claims more is refused before its pixels are decoded.
struct ImageLimits {
  std::size_t file_bytes = std::size_t{64} << 20;
  int side = 16384;                  ///< pixels
  std::int64_t pixels = 89'478'485;  ///< from here on Pillow warns of a decompression bomb
  /// Peak memory of the decoder in bytes, the result included. For a JPEG it bounds the coefficients and the
  /// result, but not the decoder's small tables and rows.
  std::size_t memory = std::size_t{512} << 20;

  /// Throws Error naming the file when its header claims more than `side` or `pixels`.
  void check_size(std::uint32_t width, std::uint32_t height, const std::string& name) const;
  /// Throws Error: decoding the file needs more than `memory`.
  [[noreturn]] void refuse_memory(const std::string& name) const;
};

/// Decodes a JPEG or PNG file to the pixels of Pillow's `Image.open(path).convert("RGB")`, to the bit: alpha
/// is dropped, not blended; gray is replicated; palettes are looked up; EXIF orientation is not applied. One
/// exception: 16-bit gray PNG keeps its high byte, where Pillow clips.
/// Throws Error naming the file when it is neither kind, truncated, damaged or beyond the limits. Damage that
/// Pillow passes over is refused too: pixels are missing then, and libjpeg would invent them. (Extra bytes in
/// a JPEG are accepted, as by Pillow.) Arithmetic, lossless and 12-bit JPEG are refused.
Image decode_image(const std::filesystem::path& path, const ImageLimits& limits = {});

/// Decodes the bytes of a file that errors call `name`.
Image decode_image(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits = {});

}  // namespace plainsight
