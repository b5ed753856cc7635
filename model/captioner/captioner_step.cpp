#include "model/captioner/captioner_step.h"

#include "engine/kernels/isa/engine.h"
#include "model/captioner/plain_step.h"
#include "model/captioner/tuned_step.h"

namespace plainsight {

std::unique_ptr<const CaptionerStep> make_captioner_step(const CaptionerWeights& weights) {
  if (engine() == Engine::plain) return std::make_unique<PlainStep>(weights);
  return std::make_unique<TunedStep>(weights);
}

}  // namespace plainsight
