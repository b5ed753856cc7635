#pragma once

#include <filesystem>

#include "weights-convert/weights.h"
#include "weights-convert/write_report.h"

namespace plainsight::convert {

/// Writes a safetensors file: tensors of wider types first, otherwise in the order of the source.
/// Throws Error.
void write_safetensors(const Weights& weights, const std::filesystem::path& target,
                       const WriteReport& report);

}  // namespace plainsight::convert
