#include "data/coco_captions.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "engine/io/json_file.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

constexpr const char* kWhat = "cannot read results";
constexpr const char* kHint = "Expected: COCO's list of {\"image_id\": ..., \"caption\": ...}";

// pycocotools reads integers; JSON's are exact up to 2^53 everywhere.
constexpr std::uint64_t kMostExact = std::uint64_t{1} << 53;

CocoResult parse_result(const nlohmann::ordered_json& entry, const std::string& where) {
  const auto field = [&](const char* name) -> const nlohmann::ordered_json& {
    if (!entry.is_object() || !entry.contains(name))
      throw Error(kWhat, where, std::string("it has no `") + name + "`", kHint);
    return entry.at(name);
  };
  CocoResult result;
  const auto& id = field("image_id");
  result.integer = id.is_number_unsigned();
  if (result.integer)
    result.id = std::to_string(id.get<std::uint64_t>());
  else if (id.is_string())
    result.id = id.get<std::string>();
  else
    throw Error(kWhat, where, "its `image_id` is neither a text nor an integer", kHint);
  const auto& caption = field("caption");
  if (!caption.is_string()) throw Error(kWhat, where, "its `caption` is not a text", kHint);
  result.caption = caption.get<std::string>();
  return result;
}

// The ids as JSON: integers when all have one and no two have the same.
std::vector<nlohmann::ordered_json> json_ids(const std::vector<std::string>& ids) {
  std::vector<nlohmann::ordered_json> numbers;
  std::unordered_set<std::uint64_t> seen;
  for (const std::string& id : ids) {
    const auto number = coco_image_id(id);
    if (!number || !seen.insert(*number).second) return {ids.begin(), ids.end()};
    numbers.emplace_back(*number);
  }
  return numbers;
}

}  // namespace

std::optional<std::uint64_t> coco_image_id(std::string_view id) {
  if (id.starts_with("COCO_")) id.remove_prefix(id.rfind('_') + 1);
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc() || stop != id.data() + id.size() || number > kMostExact) return std::nullopt;
  return number;
}

std::vector<CocoResult> read_coco_results(const std::filesystem::path& path) {
  const MappedFile file(path);
  const auto json = parse_json(file.text(), kWhat, path, kHint);
  if (!json.is_array()) throw Error(kWhat, path.string(), "it is not a list", kHint);
  std::vector<CocoResult> results;
  for (const auto& entry : json) {
    const std::string where = path.string() + ", entry " + std::to_string(results.size() + 1);
    results.push_back(parse_result(entry, where));
  }
  if (results.empty()) throw Error(kWhat, path.string(), "it has no results", kHint);
  return results;
}

void write_coco_results(const std::filesystem::path& path, const std::vector<std::string>& ids,
                        const std::vector<std::string>& captions) {
  const auto image_ids = json_ids(ids);
  auto list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < ids.size(); ++i)
    list.push_back({{"image_id", image_ids[i]}, {"caption", captions[i]}});
  write_file(path, list.dump(0) + "\n");
}

void write_coco_references(const std::filesystem::path& path,
                           const std::vector<const ImageCaptions*>& images) {
  std::vector<std::string> ids;
  for (const ImageCaptions* image : images) ids.push_back(image->id);
  const auto image_ids = json_ids(ids);
  auto image_list = nlohmann::ordered_json::array(), annotations = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < images.size(); ++i) {
    image_list.push_back({{"id", image_ids[i]}, {"file_name", images[i]->file}});
    for (const std::string& caption : images[i]->captions)
      annotations.push_back(
          {{"image_id", image_ids[i]}, {"id", annotations.size() + 1}, {"caption", caption}});
  }
  const nlohmann::ordered_json all = {{"info", nlohmann::ordered_json::object()},
                                      {"licenses", nlohmann::ordered_json::array()},
                                      {"type", "captions"},
                                      {"images", std::move(image_list)},
                                      {"annotations", std::move(annotations)}};
  write_file(path, all.dump(0) + "\n");
}

}  // namespace plainsight
