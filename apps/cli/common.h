#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace plainsight {

/// Exit codes of every program.
enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kSomeSkipped = 3 };

/// What every command takes: --threads, --quiet, --config.
struct CommonOptions {
  int threads = 0;  ///< 0: the processors this process may use
  bool quiet = false;
};

/// Adds the common options and the example to a command; to be called after its own options were added.
/// `options` must outlive the parse.
void add_common(CLI::App& command, CommonOptions& options, const std::string& example);

/// Sets the thread count as asked. Throws UsageError.
void apply(const CommonOptions& options);

/// A subcommand's registration: adds itself to `app` and sets `run`, which main calls after parsing if it was
/// chosen.
using Run = std::function<int()>;

/// Parses and runs; prints one line on stderr for any failure (`PROGRAM: error: ...`), a failure to write to
/// stdout included, and returns the exit code. Without any arguments it prints the help.
int run_program(CLI::App& app, int argc, char** argv, const Run& chosen);

/// "1 picture", "2 pictures".
std::string counted(std::size_t n, const std::string& noun);

/// Throws the Error of a stdout that does not take the results; `error` is errno, or 0 when it is lost.
[[noreturn]] void fail_to_write_results(int error);

/// True once Ctrl-C (SIGINT) or SIGTERM was received: long loops stop at the next safe point.
bool interrupted();
void watch_interrupts();

}  // namespace plainsight
