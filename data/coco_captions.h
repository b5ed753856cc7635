#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/captions.h"

namespace plainsight {

/// COCO's integer for an image: of an id of digits only (391895, 000000391895) or of COCO's file names
/// (COCO_val2014_000000391895). Other ids have none.
std::optional<std::uint64_t> coco_image_id(std::string_view id);

/// One entry of a results file: `{"image_id": ..., "caption": ...}`.
struct CocoResult {
  std::string id;  ///< as written; of an integer its digits
  bool integer = false;
  std::string caption;
};

/// Reads a list of results in the file's order. Throws Error naming the file and the entry: no JSON, no list,
/// an entry without id or caption.
std::vector<CocoResult> read_coco_results(const std::filesystem::path& path);

/// Writes a results file. Ids become integers when all of them have one.
void write_coco_results(const std::filesystem::path& path, const std::vector<std::string>& ids,
                        const std::vector<std::string>& captions);

/// Writes the captions of images in COCO's annotation format, which pycocotools loads; ids as in results.
void write_coco_references(const std::filesystem::path& path,
                           const std::vector<const ImageCaptions*>& images);

}  // namespace plainsight
