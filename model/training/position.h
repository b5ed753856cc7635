#pragma once

#include <cstdint>
#include <limits>

#include "engine/optim/schedule.h"

namespace plainsight {

/// The epoch with the lowest validation loss so far.
struct BestEpoch {
  double val_loss = std::numeric_limits<double>::infinity();
  std::int64_t epoch = 0;         ///< 0: no epoch has ended
  std::int64_t epochs_since = 0;  ///< epochs that have ended after it

  bool operator==(const BestEpoch&) const = default;
};

/// How far a run has come, apart from its weights and Adam's moments. It holds no clock time and no path: a
/// checkpoint's bytes are a function of the run's inputs, options and position.
struct Position {
  std::int64_t epoch = 1;          ///< the current epoch, from 1
  std::int64_t step = 0;           ///< steps done in it
  double loss_sum = 0;             ///< over these steps: mean loss times number of targets
  std::int64_t targets = 0;        ///< over these steps
  std::int64_t metrics_lines = 0;  ///< lines of metrics.jsonl
  double lr = 0;                   ///< learning rate of the current epoch
  BestEpoch best{};
  PlateauState plateau{};

  bool operator==(const Position&) const = default;
};

}  // namespace plainsight
