#pragma once

#include <cstdint>
#include <filesystem>

namespace plainsight {

/// Writes a file of VGG16 weights that were never trained, for demonstrations without a download: torchvision's own
/// initialisation (convolutions normal with variance 2 / (9 K), linear layers normal with deviation 0.01, biases zero).
/// The numbers depend on the seed alone, not on the threads. 553 MB; throws Error when they cannot be written.
void write_random_vgg16(const std::filesystem::path& path, std::uint64_t seed);

}  // namespace plainsight
