#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace plainsight {

/// Exit codes of every program.
enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2, kSomeSkipped = 3 };

/// The work of the command that the user chose; returns an exit code.
using Action = std::function<int()>;

/// Parses the command line, then performs `chosen`, which parsing may set. Prints one line on stderr for any
/// failure (`PROGRAM: error: ...`), a failure to write to stdout included, and returns the exit code. Without
/// arguments it prints the help.
int run_program(CLI::App& app, int argc, char** argv, const Action& chosen);

/// Throws the Error of a stdout that does not take the results; `error` is errno, or 0 when it is lost.
[[noreturn]] void fail_to_write_results(int error);

}  // namespace plainsight
