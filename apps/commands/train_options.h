#pragma once

#include <string>

#include "apps/cli/common_options.h"
#include "apps/commands/split_options.h"
#include "model/run/run_config.h"

namespace plainsight {

/// Arguments of `plainsight train`. `train.init` is filled in later, from the file `init`.
struct TrainArguments {
  CommonOptions common;
  SplitOptions split;
  TrainOptions train;
  std::string features, captions, vocab, out, init;
  bool resume = false;
};

void add_train_options(CLI::App& command, TrainArguments& arguments);

/// The options of a resumed run: the run's own. An option that is given again must have the same value; only
/// --epochs may change. Throws UsageError.
TrainOptions resumed_options(const TrainOptions& run, const TrainOptions& given, const CLI::App& command);

/// Throws UsageError: `option` was given to a resumed run with another value.
[[noreturn]] void refuse_to_change(const std::string& option);

}  // namespace plainsight
