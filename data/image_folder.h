#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace plainsight {

/// An image file of a folder.
struct ImageFile {
  std::string file;  ///< name within the folder
  std::string id;    ///< the name up to its first dot, as the notebook's `img_name.split(".")[0]`
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< nanoseconds; with `bytes` it tells whether the file is still the one it was
};

/// A file that was left out, and why (a whole message that names it).
struct SkippedImage {
  std::string file;
  std::string reason;
};

struct ImageFolder {
  std::filesystem::path path;
  std::vector<ImageFile> images;  ///< sorted by file name (bytes)
  /// Images by name that are no regular files, or whose names cannot be ids.
  std::vector<SkippedImage> skipped;
  std::int64_t others = 0;  ///< entries without an image's extension, and hidden ones

  std::filesystem::path file(const ImageFile& image) const { return path / image.file; }
};

/// Lists the files ending in .jpg, .jpeg or .png (any case) directly in a folder. Throws Error when it cannot
/// be read, holds no image, or two files have the same id (names both).
ImageFolder list_images(const std::filesystem::path& folder);

}  // namespace plainsight
