#pragma once

#include <cstdint>
#include <limits>

namespace plainsight {

/// torch.optim.lr_scheduler.CosineAnnealingLR(T_max = epochs, eta_min = min_lr): half a cosine from lr down
/// to min_lr.
struct CosineSchedule {
  double lr;
  std::int64_t epochs;
  double min_lr = 0;
  /// Rate of epoch 0, 1, ...; the closed form of torch's recurrence.
  double at(std::int64_t epoch) const;
};

/// The state of a plateau schedule from epoch to epoch; a checkpoint keeps it.
struct PlateauState {
  double best = std::numeric_limits<double>::infinity();  ///< lowest loss so far
  std::int64_t bad_epochs = 0;                            ///< epochs since then or since the last reduction

  bool operator==(const PlateauState&) const = default;
};

/// torch.optim.lr_scheduler.ReduceLROnPlateau(mode="min", threshold_mode="rel"), no cooldown: after more
/// than `patience` epochs in which the loss did not fall below best * (1 - threshold), the rate is
/// multiplied by `factor`.
struct PlateauSchedule {
  double factor = 0.1;
  std::int64_t patience = 10;
  double threshold = 1e-4;
  /// Rate of the next epoch, from the rate `lr` and the validation loss of the epoch that ended.
  double next(PlateauState& state, double lr, double loss) const;
};

}  // namespace plainsight
