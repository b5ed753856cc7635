#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "data/captions.h"
#include "data/split.h"

namespace plainsight {

/// --split and the options that belong to it.
struct SplitOptions {
  std::string kind = "random", folder, karpathy_json;
};

void add_split_options(CLI::App& command, SplitOptions& options);

/// Throws UsageError when an option that the split needs is missing, or one of another split is given.
void check(const SplitOptions& options);

/// The chosen split. Throws UsageError as check() does, Error as the functions of data/split.h do.
Split make_split(const SplitOptions& options, const std::vector<ImageCaptions>& images);

/// The images' ids in their order.
std::vector<std::string> ids_of(const std::vector<ImageCaptions>& images);

}  // namespace plainsight
