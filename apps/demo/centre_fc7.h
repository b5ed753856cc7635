#pragma once

#include <filesystem>

#include "data/feature_store.h"

namespace plainsight {

/// Copies VGG16 weights with each fc7 unit centred and scaled: over the images of `features` (fc7 by these
/// very weights), what enters its ReLU gets mean 0 and deviation 1. This is a data-dependent initialisation
/// (Kraehenbuehl et al., "Data-dependent initializations of convolutional neural networks", 2016) for weights
/// that were drawn at random: without it their features differ from image to image by a small part of
/// their common value. A unit that is zero for some image stays as it is, since what entered its ReLU
/// is not known. Throws Error as reading and writing weights does.
void centre_fc7(const std::filesystem::path& weights, const FeatureStore& features,
                const std::filesystem::path& target);

}  // namespace plainsight
