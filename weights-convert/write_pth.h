#pragma once

#include <filesystem>

#include "weights-convert/weights.h"
#include "weights-convert/write_report.h"

namespace plainsight::convert {

/// Writes the zip container of torch.save with a state_dict, for torch.load(weights_only=True) and
/// load_state_dict. At most 4 GiB. Throws Error, also for types that PyTorch has no storage for (U16,
/// U32, U64).
void write_pth(const Weights& weights, const std::filesystem::path& target, const WriteReport& report);

}  // namespace plainsight::convert
