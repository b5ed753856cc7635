#include "engine/base/error.h"

namespace plainsight {
namespace {

std::string one_line(const std::string& what, const std::string& where, const std::string& why,
                     const std::string& hint) {
  std::string line = what;
  if (!where.empty()) line += " (" + where + ")";
  line += ": " + why;
  if (!hint.empty()) line += ". " + hint;
  // Names and texts come from files: keep control characters from breaking the line or the terminal.
  // (U+0080 to U+009F are such, too: U+009B does what ESC [ does.)
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    if (c < 0x20 || c == 0x7f) line[i] = '?';
    if (i > 0 && line[i - 1] == '\xc2' && c >= 0x80 && c < 0xa0) line.replace(i - 1, 2, "??");
  }
  return line;
}

}  // namespace

Error::Error(const std::string& what, const std::string& where, const std::string& why,
             const std::string& hint)
    : std::runtime_error(one_line(what, where, why, hint)) {}

}  // namespace plainsight
