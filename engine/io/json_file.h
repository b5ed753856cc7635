#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace plainsight {

/// The largest text that is parsed. Karpathy's dataset_coco.json, the largest file that is meant to be read,
/// has about 150 MB; a text takes some ten times its size in memory.
inline constexpr std::size_t kMaxJson = std::size_t{256} << 20;

/// The JSON value that `text`, the content of file `path`, says; its objects keep their order. Throws Error
/// `WHAT (PATH, line L, column C): it is not valid JSON there. HINT`,
/// and for one that is empty or larger than kMaxJson.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& what,
                                  const std::filesystem::path& path, const std::string& hint);

}  // namespace plainsight
