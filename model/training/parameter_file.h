#pragma once

#include <filesystem>

#include "engine/autograd/parameter.h"
#include "engine/io/safetensors.h"

namespace plainsight {

/// An F32 tensor's entry in a safetensors file.
TensorInfo tensor_info(std::string name, const Shape& shape);

/// Copies the tensors of `file` into the parameters of the same names.
/// Throws Error when one is missing or has another shape.
void load_parameters(const ParameterSet& parameters, const SafetensorsFile& file);

/// Writes the parameters under their names, with a checksum of their values. The file is whole or absent.
void save_parameters(const std::filesystem::path& path, const ParameterSet& parameters);

}  // namespace plainsight
