#pragma once

#include "model/training/captioner.h"

namespace plainsight {

/// Mean cross-entropy of every target of `part` under teacher forcing, in natural logarithms; 0 when `part`
/// has no targets. `tape` lends its memory and is cleared.
double validation_loss(const Captioner& model, const DataPart& part, const FeatureStore& features,
                       Tape& tape);

}  // namespace plainsight
