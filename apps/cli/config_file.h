#pragma once

#include <CLI/CLI.hpp>

namespace plainsight {

/// Adds --config FILE to a command (or to a program without commands): lines `option = value` in TOML or
/// INI, with the options' names without dashes. The command line wins; an option from the file counts as
/// given. While parsing it throws UsageError, naming the file, when that cannot be read or a line in it is
/// no option.
void add_config_option(CLI::App& command);

}  // namespace plainsight
