#pragma once

#include <string_view>

#include "weights-convert/pickle_value.h"

namespace plainsight::convert {

struct AllowedName {
  std::string_view module, name;
  Callable callable;
  Dtype dtype = Dtype::F32;  ///< of a storage type
};

/// Throws Refusal for every name that is not on the list.
const AllowedName& allowed_name(std::string_view module, std::string_view name);

}  // namespace plainsight::convert
