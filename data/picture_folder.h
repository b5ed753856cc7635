#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace plainsight {

/// A picture file of a folder.
struct Picture {
  std::string file;  ///< name within the folder
  std::string id;    ///< the name up to its first dot, as the notebook's `img_name.split(".")[0]`
  std::uint64_t bytes = 0;
  std::int64_t modified = 0;  ///< nanoseconds; with `bytes` it tells whether the file is still the one it was
};

/// A file that was left out, and why (a whole message that names it).
struct SkippedPicture {
  std::string file;
  std::string reason;
};

struct PictureFolder {
  std::filesystem::path path;
  std::vector<Picture> pictures;  ///< sorted by file name (bytes)
  /// Pictures by name that are no regular files, or whose names cannot be ids.
  std::vector<SkippedPicture> skipped;
  std::int64_t others = 0;  ///< entries without a picture's extension, and hidden ones

  std::filesystem::path file(const Picture& picture) const { return path / picture.file; }
};

/// Lists the files ending in .jpg, .jpeg or .png (any case) directly in a folder. Throws Error when it cannot
/// be read, holds no picture, or two files have the same id (names both).
PictureFolder list_pictures(const std::filesystem::path& folder);

}  // namespace plainsight
