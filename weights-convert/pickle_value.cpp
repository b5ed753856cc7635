#include "weights-convert/pickle_value.h"

#include <array>

namespace plainsight::convert {

std::string_view name_of(Kind kind) {
  constexpr std::array<std::string_view, 14> kNames = {"None",  "bool",    "number", "float", "text",
                                                       "bytes", "bytes",   "list",   "tuple", "dict",
                                                       "name",  "storage", "tensor", "dtype"};
  static_assert(static_cast<std::size_t>(Kind::dtype) + 1 == kNames.size());
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace plainsight::convert
