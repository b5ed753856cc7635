#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace plainsight {

/// The options of every command: --threads, --quiet, --config.
struct CommonOptions {
  int threads = 0;  ///< 0: the processors this process may use
  bool quiet = false;
};

/// Adds the common options and the example to a command; call it after the command's own options.
/// `options` must outlive the parse.
void add_common(CLI::App& command, CommonOptions& options, const std::string& example);

/// Sets the number of threads for the whole process. Throws UsageError.
void apply(const CommonOptions& options);

}  // namespace plainsight
