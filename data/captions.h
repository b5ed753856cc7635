#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace plainsight {

/// How a line of the Kaggle captions file (`image,caption` and a header) is read.
enum class CaptionFormat {
  csv,       ///< RFC 4180: a quoted caption may hold commas, quotes (doubled) and line feeds
  notebook,  ///< the notebook's `line.split(",")[1]`: a caption ends at its first comma, quotes are ordinary
             ///< characters
};

struct ImageCaptions {
  std::string id;                     ///< the file name up to its first dot
  std::string file;                   ///< as written in the file
  std::vector<std::string> captions;  ///< not cleaned
  std::vector<std::size_t> lines;     ///< where in the file each begins, from 1
};

/// Every image with its captions, images in the order of their first line. Line ends may be LF, CR LF or CR.
/// Throws Error with file and line: not UTF-8, no header or no captions, a row without caption or with a
/// third column (csv), an unclosed quote (csv), an empty image name, two files with the same id (csv), a line
/// over 64 KB, a file over 1 GB. The notebook's reading skips rows without a comma and merges files with the
/// same id, as the notebook does.
std::vector<ImageCaptions> read_captions(const std::filesystem::path& path, CaptionFormat format);

/// The same from memory; `name` is the file's name in messages.
std::vector<ImageCaptions> parse_captions(std::string_view text, CaptionFormat format,
                                          const std::string& name);

/// The key of an image everywhere in this project: its file name up to the first dot.
std::string image_id(std::string_view file);

}  // namespace plainsight
