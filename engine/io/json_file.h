#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace plainsight {

/// The JSON value that `text`, the content of file `path`, says; its objects keep their order.
/// Throws Error `WHAT (PATH, line L, column C): it is not valid JSON there. HINT`.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& what,
                                  const std::filesystem::path& path, const std::string& hint);

}  // namespace plainsight
