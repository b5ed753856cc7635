#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>

#include "engine/autograd/parameter.h"
#include "engine/optim/adam.h"
#include "engine/optim/schedule.h"

namespace plainsight {

/// Where a run stands, besides its weights and Adam's state. No clock and no path is in it: a checkpoint's
/// bytes are a function of the run's inputs, options and position.
struct Position {
  std::int64_t epoch = 1;          ///< the current one, from 1
  std::int64_t step = 0;           ///< steps done in it
  double loss_sum = 0;             ///< in it: sum over the steps of mean loss times targets
  std::int64_t targets = 0;        ///< in it
  std::int64_t metrics_lines = 0;  ///< of metrics.jsonl
  double lr = 0;                   ///< of the current epoch
  double best_val_loss = std::numeric_limits<double>::infinity();
  std::int64_t best_epoch = 0;
  std::int64_t epochs_since_best = 0;
  double plateau_best = std::numeric_limits<double>::infinity();
  std::int64_t plateau_bad_epochs = 0;

  bool operator==(const Position&) const = default;
};

/// Writes weights (under their names), m and v (adam.m.NAME, adam.v.NAME) and the position, with checksums of
/// the numbers.
void write_checkpoint(const std::filesystem::path& path, ParameterSet& parameters, Adam& adam,
                      const Position& position);

/// Reads it back into `parameters` and `adam`. Throws Error when the file is damaged or of another model.
Position read_checkpoint(const std::filesystem::path& path, ParameterSet& parameters, Adam& adam);

}  // namespace plainsight
