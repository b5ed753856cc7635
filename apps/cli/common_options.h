#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace plainsight {

/// The options of every command: --threads, --quiet, --config. Commands that compute have --engine too.
struct CommonOptions {
  std::string engine;  ///< empty: not given
  int threads = 0;     ///< 0: the processors this process may use
  bool quiet = false;
};

/// Adds the common options and the example to a command; call it after the command's own options.
/// `options` must outlive the parse.
void add_common(CLI::App& command, CommonOptions& options, const std::string& example);

/// Adds --engine.
void add_engine_option(CLI::App& command, CommonOptions& options);

/// Sets the number of threads and the engine for the whole process.
void apply(const CommonOptions& options);

/// The engine in use, for a report: "engine tuned, instruction set avx512".
std::string engine_in_words();

}  // namespace plainsight
