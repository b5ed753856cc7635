#pragma once

#include <string>

#include "engine/io/safetensors.h"

namespace plainsight {

/// Hash of the content of a file of weights: names, dtypes, shapes and bytes of all tensors, as 32
/// hexadecimal digits (XXH3-128: fast, for telling files apart; it does not withstand forgery). It does not
/// depend on the order of the tensors in the file, on its metadata, or on the number of threads.
std::string fingerprint(const SafetensorsFile& file);

/// Hash of bytes, or of the bytes of float values, in the same form.
std::string fingerprint(std::span<const std::byte> bytes);
std::string fingerprint(ConstView values);

}  // namespace plainsight
