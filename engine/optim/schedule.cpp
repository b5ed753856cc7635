#include "engine/optim/schedule.h"

#include <cmath>
#include <numbers>

namespace plainsight {

double CosineSchedule::at(std::int64_t epoch) const {
  const double progress = static_cast<double>(epoch) / static_cast<double>(epochs);
  return min_lr + (lr - min_lr) * (1 + std::cos(std::numbers::pi * progress)) / 2;
}

double PlateauSchedule::next(PlateauState& state, double lr, double loss) const {
  if (loss < state.best * (1 - threshold)) {
    state.best = loss;
    state.bad_epochs = 0;
  } else {
    ++state.bad_epochs;
  }
  if (state.bad_epochs <= patience) return lr;
  state.bad_epochs = 0;
  const double reduced = lr * factor;
  return lr - reduced > 1e-8 ? reduced : lr;  // torch's eps: a smaller change is not made
}

}  // namespace plainsight
