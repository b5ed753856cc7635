#include "engine/io/json_file.h"

#include <algorithm>

#include "engine/base/error.h"

namespace plainsight {
namespace {

// Returns the result of `parse`; turns its exceptions about the text into errors for the user.
template <class Parse>
auto parsed(std::string_view text, const std::string& what, const std::filesystem::path& path,
            const std::string& hint, Parse parse) {
  if (text.empty()) throw Error(what, path.string(), "it is empty", hint);
  if (text.size() > kMaxJson) throw Error(what, path.string(), "it is larger than 256 MB", hint);
  try {
    return parse();
  } catch (const nlohmann::json::parse_error& e) {
    const std::string_view before = text.substr(0, e.byte == 0 ? 0 : e.byte - 1);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    throw Error(what, path.string() + ", line " + std::to_string(line) + ", column " + std::to_string(column),
                "it is not valid JSON there", hint);
  } catch (const nlohmann::json::out_of_range&) {
    throw Error(what, path.string(), "it has a number that is too large", hint);
  }
}

}  // namespace

nlohmann::ordered_json parse_json(std::string_view text, const std::string& what,
                                  const std::filesystem::path& path, const std::string& hint) {
  return parsed(text, what, path, hint, [&] { return nlohmann::ordered_json::parse(text); });
}

bool JsonEvents::parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) {
  // A number beyond double is the only error of another type.
  if (const auto* number = dynamic_cast<const nlohmann::json::out_of_range*>(&e)) throw *number;
  throw dynamic_cast<const nlohmann::json::parse_error&>(e);
}

void read_json(std::string_view text, JsonEvents& events, const std::string& what,
               const std::filesystem::path& path, const std::string& hint) {
  parsed(text, what, path, hint, [&] { return nlohmann::json::sax_parse(text, &events); });
}

}  // namespace plainsight
