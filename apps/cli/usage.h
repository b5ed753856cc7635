#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace plainsight {

/// The words that reach a command on the command line: "plainsight train".
std::string full_name(const CLI::App& command);

/// "Did you mean --epochs? ", or nothing when no option of the command is like `name` (without dashes).
std::string nearest_option(const CLI::App& command, const std::string& name);

/// Throws UsageError when the program's first argument should be a command and is none.
void check_command(const CLI::App& program, int argc, char** argv);

/// CLI11's complaint about an option, in plain words.
std::string text_of(const CLI::ParseError& error);

/// One line about a command line that did not parse: the word that is wrong,
/// and where the right ones are listed.
std::string usage_message(const CLI::App& program, const CLI::ParseError& error);

}  // namespace plainsight
