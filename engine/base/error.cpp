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
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return line;
}

}  // namespace

Error::Error(const std::string& what, const std::string& where, const std::string& why,
             const std::string& hint)
    : std::runtime_error(one_line(what, where, why, hint)) {}

}  // namespace plainsight
