#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace plainsight {

/// The largest text that is parsed: Karpathy's dataset_coco.json, the largest file that is meant to be read,
/// has about 150 MB.
inline constexpr std::size_t kMaxJson = std::size_t{256} << 20;

/// Parses `text`, the content of file `path`; objects keep their order. The value of a large text takes more
/// than ten times its size in memory. Throws Error
/// `WHAT (PATH, line L, column C): it is not valid JSON there. HINT`,
/// and for one that is empty or larger than kMaxJson.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& what,
                                  const std::filesystem::path& path, const std::string& hint);

/// Receives the parser's events from read_json, all but the error.
class JsonEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  /// Throws `e`, as parse_json's parser does.
  bool parse_error(std::size_t byte, const std::string& token, const nlohmann::detail::exception& e) final;
};

/// The same without building a value: `events` gets the parts of `text` as they are read, and may throw.
/// Throws as parse_json does, after the events of the text before the wrong byte.
void read_json(std::string_view text, JsonEvents& events, const std::string& what,
               const std::filesystem::path& path, const std::string& hint);

}  // namespace plainsight
