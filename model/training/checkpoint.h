#pragma once

#include <filesystem>

#include "engine/autograd/parameter.h"
#include "engine/optim/adam.h"
#include "model/training/position.h"

namespace plainsight {

/// Writes the weights (under their names), Adam's moments (adam.m.NAME, adam.v.NAME) and the position, with a
/// checksum of each of the three buffers. The file is whole or absent. Throws Error when writing fails.
void write_checkpoint(const std::filesystem::path& path, ParameterSet& parameters, Adam& adam,
                      const Position& position);

/// Reads a checkpoint into `parameters` and `adam`. Throws Error when the file is damaged or belongs to
/// another model; both may hold part of it then.
Position read_checkpoint(const std::filesystem::path& path, ParameterSet& parameters, Adam& adam);

}  // namespace plainsight
