#include "engine/base/error.h"

#include "engine/base/printable.h"

namespace plainsight {
namespace {

std::string one_line(const std::string& what, const std::string& where, const std::string& why,
                     const std::string& hint) {
  std::string line = what;
  if (!where.empty()) line += " (" + where + ")";
  line += ": " + why;
  if (!hint.empty()) line += ". " + hint;
  return printable(line);  // names and texts come from files
}

}  // namespace

Error::Error(const std::string& what, const std::string& where, const std::string& why,
             const std::string& hint)
    : std::runtime_error(one_line(what, where, why, hint)) {}

}  // namespace plainsight
