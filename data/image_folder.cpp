#include "data/image_folder.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <system_error>

#include "engine/base/error.h"
#include "engine/base/utf8.h"

namespace plainsight {
namespace {

bool is_image_name(const std::filesystem::path& name) {
  std::string extension = name.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension == ".jpg" || extension == ".jpeg" || extension == ".png";
}

bool is_id(const std::string& id) {
  return is_utf8(id) &&
         std::none_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

void refuse_collisions(const ImageFolder& folder) {
  std::vector<const ImageFile*> by_id;
  for (const ImageFile& p : folder.images) by_id.push_back(&p);
  std::stable_sort(by_id.begin(), by_id.end(), [](auto* a, auto* b) { return a->id < b->id; });
  const auto same =
      std::adjacent_find(by_id.begin(), by_id.end(), [](auto* a, auto* b) { return a->id == b->id; });
  if (same == by_id.end()) return;
  throw Error("two images have the same id", folder.path.string(),
              same[0]->file + " and " + same[1]->file + " are both \"" + same[0]->id +
                  "\", the name up to its first dot",
              "Rename one of them");
}

void add(ImageFolder& folder, const std::filesystem::directory_entry& entry) {
  const std::string file = entry.path().filename().string();
  if (file.starts_with('.') || !is_image_name(file)) {
    ++folder.others;
    return;
  }
  const auto skip = [&](const std::string& why, const std::string& hint) {
    folder.skipped.push_back(
        {file, Error("cannot use image", (folder.path / file).string(), why, hint).what()});
  };
  std::error_code failed;  // for a link in a circle, or one through a folder that may not be entered
  const std::filesystem::file_type type = entry.status(failed).type();
  if (type == std::filesystem::file_type::not_found)
    return skip("it is a link that leads nowhere", "Remove it");
  if (type == std::filesystem::file_type::none) return skip(failed.message(), "");
  if (type != std::filesystem::file_type::regular)
    return skip("it is not a regular file", "Remove or rename it");
  const std::string id = file.substr(0, file.find('.'));
  if (!is_id(id)) return skip("its name is not UTF-8 text of one line, and cannot be an id", "Rename it");
  const auto modified = entry.last_write_time().time_since_epoch();
  folder.images.push_back(
      {file, id, entry.file_size(), std::chrono::duration_cast<std::chrono::nanoseconds>(modified).count()});
}

}  // namespace

ImageFolder list_images(const std::filesystem::path& path) {
  ImageFolder folder{path, {}, {}, 0};
  try {
    for (const auto& entry : std::filesystem::directory_iterator(path)) add(folder, entry);
  } catch (const std::filesystem::filesystem_error& e) {
    throw Error("cannot read folder of images", path.string(), e.code().message());
  }
  if (folder.images.empty() && folder.skipped.empty())
    throw Error("found no images", path.string(),
                "none of its " + std::to_string(folder.others) + " entries ends in .jpg, .jpeg or .png",
                "Name the folder that holds the images themselves");
  std::sort(folder.images.begin(), folder.images.end(),
            [](const ImageFile& a, const ImageFile& b) { return a.file < b.file; });
  std::sort(folder.skipped.begin(), folder.skipped.end(),
            [](const SkippedImage& a, const SkippedImage& b) { return a.file < b.file; });
  refuse_collisions(folder);
  return folder;
}

}  // namespace plainsight
