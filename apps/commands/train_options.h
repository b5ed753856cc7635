#pragma once

#include <string>

#include "apps/cli/common_options.h"
#include "apps/commands/split_options.h"
#include "model/run/run_config.h"
#include "model/training/checkpoint.h"

namespace plainsight {

/// What `plainsight train` was told.
struct TrainChoice {
  CommonOptions common;
  SplitOptions split;
  TrainOptions train;
  std::string features, captions, vocab, out, init, recipe = "full", lr_schedule = "constant";
  bool resume = false;
};

void add_train_options(CLI::App& command, TrainChoice& choice);

/// The training options that were chosen; `init` is the fingerprint of the weights to start from,
/// or empty. Throws UsageError.
TrainOptions train_options(const TrainChoice& choice, const std::string& init);

/// The options of a resumed run: the run's own. One given again must say the same;
/// only --epochs may change. Throws UsageError.
TrainOptions resumed_options(const TrainOptions& run, const TrainOptions& given, const CLI::App& command);

/// Throws UsageError when a resumed run has begun more than `epochs` epochs.
void require_epochs(int epochs, const Position& position);

/// Throws UsageError: `option` of a resumed run was given, and says something else.
[[noreturn]] void refuse_to_change(const std::string& option);

}  // namespace plainsight
