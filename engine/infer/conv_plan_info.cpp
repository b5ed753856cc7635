#include "engine/infer/conv_plan_info.h"

#include "engine/base/error.h"

namespace plainsight {

const char* name_of(ConvAlgorithm algorithm) {
  switch (algorithm) {
    case ConvAlgorithm::auto_: return "auto";
    case ConvAlgorithm::direct: return "direct";
    case ConvAlgorithm::winograd: return "winograd";
    case ConvAlgorithm::im2col: return "im2col";
  }
  return "?";
}

ConvAlgorithm conv_algorithm(const std::string& name) {
  for (ConvAlgorithm a :
       {ConvAlgorithm::auto_, ConvAlgorithm::direct, ConvAlgorithm::winograd, ConvAlgorithm::im2col})
    if (name == name_of(a)) return a;
  throw UsageError("unknown convolution algorithm", name, "not a name known here",
                   "Use auto, winograd, direct or im2col");
}

std::string method_name(const ConvPlanInfo& info) {
  const std::string name = name_of(info.algorithm);
  if (info.algorithm != ConvAlgorithm::winograd) return name;
  return name + (info.tile == 0 ? " F(6,3) and F(4,3)" : " F(" + std::to_string(info.tile) + ",3)");
}

}  // namespace plainsight
