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

/// torch.optim.lr_scheduler.ReduceLROnPlateau(mode="min", threshold_mode="rel"), no cooldown: after more than
/// `patience` epochs in which the loss did not fall below best * (1 - threshold), the rate is multiplied by
/// `factor`. A plain struct: a checkpoint keeps best, bad_epochs and lr.
struct PlateauSchedule {
  double lr;
  double factor = 0.1;
  std::int64_t patience = 10;
  double threshold = 1e-4;
  double best = std::numeric_limits<double>::infinity();
  std::int64_t bad_epochs = 0;
  /// Tells the validation loss of the epoch that ended; returns the rate of the next.
  double observe(double loss);
};

}  // namespace plainsight
