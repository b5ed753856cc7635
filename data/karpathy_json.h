#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace plainsight {

/// The hint of an error about the file.
inline constexpr const char* kKarpathyHint = "Expected: Karpathy's dataset_flickr8k.json";

/// Calls `image(filename, split, where)` for each of images[] in Karpathy's JSON, in the file's order;
/// `where` is "PATH, images[I]", for errors. Holds one image at a time: the file is mostly captions and their
/// tokens, and dataset_coco.json whole would take some 2 GB. Throws Error naming the file and what is wrong
/// where: it is not JSON (json_file.h), has no list `images`, an image lacks one of the two texts, or one of
/// these keys comes twice.
void read_karpathy_json(const std::filesystem::path& path,
                        const std::function<void(const std::string& filename, const std::string& split,
                                                 const std::string& where)>& image);

}  // namespace plainsight
