#include "model/vgg16/make_vgg16.h"

#include "engine/kernels/isa/engine.h"
#include "model/vgg16/plain_vgg16.h"

namespace plainsight {

std::unique_ptr<FeatureNetwork> make_vgg16(const SafetensorsFile& weights, const Vgg16Options& options) {
  if (engine() == Engine::tuned) return std::make_unique<Vgg16>(weights, options);
  const ConvAlgorithm algorithm = options.conv.algorithm;
  if (algorithm != ConvAlgorithm::auto_ && algorithm != ConvAlgorithm::im2col)
    throw UsageError("cannot choose the convolution", "--conv " + std::string(name_of(algorithm)),
                     "the plain engine computes every convolution by im2col",
                     "Give auto or im2col, or add --engine tuned");
  return std::make_unique<PlainVgg16>(weights, options.layer);
}

}  // namespace plainsight
