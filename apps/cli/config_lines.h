#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plainsight {

/// `name = value` or `name = [value, value]` of a configuration file.
struct ConfigLine {
  std::size_t number;  ///< of the line, from 1
  std::string name;
  std::vector<std::string> values;
};

/// The lines of a configuration, the common part of TOML and INI. `#` begins a comment at a line's start,
/// after a blank, and after a value that a quote or ] ends, `;` at a line's start only; inside quotes
/// neither does. A value in "double quotes" writes a quote as \" and a backslash as \\, one in
/// 'single quotes' is taken as it is, one without quotes ends at the line's end or its comment. Throws
/// UsageError with `file` and line for anything else, a section too.
std::vector<ConfigLine> parse_config(std::string_view text, const std::string& file);

}  // namespace plainsight
