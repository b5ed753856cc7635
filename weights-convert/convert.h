#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "weights-convert/weights.h"

namespace plainsight::convert {

/// Called with the bytes written so far; may throw to stop, which leaves no file.
using Report = std::function<void(std::uint64_t)>;

/// Writes a safetensors file; tensors of wider types first, else in the order of the source. Throws Error.
void write_safetensors(const Weights& weights, const std::filesystem::path& target, const Report& report);

/// Writes the zip container of torch.save: a state_dict that torch.load(weights_only=True) opens and
/// load_state_dict takes. At most 4 GiB. Throws Error, also for the types that PyTorch has
/// no storage for (U16, U32, U64).
void write_pth(const Weights& weights, const std::filesystem::path& target, const Report& report);

/// Throws Error unless the tensors are those of torchvision's VGG16: names, shapes, F32. A file name that
/// ends in a hash, as in vgg16-397923af.pth, must begin the file's SHA-256.
void expect_vgg16(const Weights& weights);

}  // namespace plainsight::convert
