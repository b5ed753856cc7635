#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <string>

#include "engine/base/range.h"

namespace plainsight {

/// Adds an option that takes a decimal number of `range` into `value`.
/// Anything else is a parse error that states the range.
template <class T>
CLI::Option* add_number(CLI::App& command, const std::string& name, T& value, const Range<T>& range,
                        const std::string& description) {
  const auto check = [range](const std::string& text) -> std::string {
    T number{};
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end && range.contains(number)) return "";
    return "\"" + text + "\" is not " + range.text();
  };
  // Not CLI11's own conversion: it takes 010 for an octal number.
  const auto convert = [&value](const std::string& text) {
    std::from_chars(text.data(), text.data() + text.size(), value);
  };
  return command.add_option_function<std::string>(name, convert, description)
      ->check(check)
      ->type_name(std::is_integral_v<T> ? "N" : "X");
}

/// The same, and --help shows what the value is without it.
template <class T>
CLI::Option* add_number_with_default(CLI::App& command, const std::string& name, T& value,
                                     const Range<T>& range, const std::string& description) {
  char digits[32];
  const std::string text(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  return add_number(command, name, value, range, description)->default_str(text);
}

}  // namespace plainsight
