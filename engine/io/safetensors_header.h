#pragma once

#include <string_view>
#include <vector>

#include "engine/io/safetensors.h"

namespace plainsight::detail {

struct SafetensorsHeader {
  std::vector<TensorInfo>
      tensors;  ///< in the order of the text, not yet checked against each other or the file
  Metadata metadata;
};

/// Reads the JSON of a safetensors header in one pass, keeping nothing but the result: memory stays within a
/// small multiple of the text, whatever it nests or repeats. Throws Error(`what`, `where`, ...) naming tensor
/// and byte of the file.
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& path);

}  // namespace plainsight::detail
