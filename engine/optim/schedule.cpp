#include "engine/optim/schedule.h"

#include <cmath>
#include <numbers>

namespace plainsight {

double CosineSchedule::at(std::int64_t epoch) const {
  const double progress = static_cast<double>(epoch) / static_cast<double>(epochs);
  return min_lr + (lr - min_lr) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

double PlateauSchedule::observe(double loss) {
  if (loss < best * (1 - threshold)) {
    best = loss;
    bad_epochs = 0;
  } else {
    ++bad_epochs;
  }
  if (bad_epochs > patience) {
    // torch leaves the rate alone when the change would be below 1e-8.
    if (lr - lr * factor > 1e-8) lr *= factor;
    bad_epochs = 0;
  }
  return lr;
}

}  // namespace plainsight
