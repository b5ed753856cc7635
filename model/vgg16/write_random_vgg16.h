#pragma once

#include <cstdint>
#include <filesystem>

namespace plainsight {

/// Writes a file of VGG16 weights that were never trained, for demonstrations without a download: normally
/// distributed with variance 2 / fan-in, biases zero (He et al., 2015), so that activations keep their size
/// from layer to layer. The values depend on the seed alone, not on the threads. 553 MB; throws
/// Error when they cannot be written.
void write_random_vgg16(const std::filesystem::path& path, std::uint64_t seed);

}  // namespace plainsight
