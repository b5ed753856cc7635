#pragma once

#include <memory>

#include "model/vgg16/feature_network.h"
#include "model/vgg16/vgg16.h"

namespace plainsight {

/// VGG16 of the engine in use: Vgg16 or PlainVgg16. `weights` must outlive it. Throws UsageError for a
/// convolution algorithm that the plain engine does not have, and Error as the constructors do.
std::unique_ptr<FeatureNetwork> make_vgg16(const SafetensorsFile& weights, const Vgg16Options& options = {});

}  // namespace plainsight
