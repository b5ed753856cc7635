#include "apps/cli/config_file.h"

#include <algorithm>
#include <set>

#include "apps/cli/config_lines.h"
#include "apps/cli/usage.h"
#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

constexpr const char* kWhat = "cannot use the configuration";
constexpr std::size_t kMaxFile = std::size_t{1} << 20;

std::string quoted(const std::string& text) { return "\"" + printable(text, 80) + "\""; }

std::vector<ConfigLine> read_lines(const std::string& file) {
  try {
    const MappedFile mapped{std::filesystem::path(file)};
    if (mapped.bytes().size() > kMaxFile)
      throw UsageError(kWhat, file, "it is larger than 1 MB",
                       "Is it a configuration? It holds lines `option = value`");
    return parse_config(mapped.text(), file);
  } catch (const UsageError&) {
    throw;
  } catch (const Error& e) {
    throw UsageError(kWhat, "--config " + file, e.what());
  }
}

/// A line of a configuration and the option that it sets.
class Setting {
 public:
  Setting(CLI::App& command, const ConfigLine& line, const std::string& file) : line_(line), file_(file) {
    option_ = command.get_option_no_throw("--" + line.name);
    if (option_ == nullptr) option_ = positional(command);
    if (option_ == nullptr)
      fail(quoted(line.name) + " is no option",
           nearest_option(command, line.name) + "See " + full_name(command) + " --help");
    if (!option_->get_configurable()) fail(quoted(line.name) + " can only be given on the command line");
  }

  CLI::Option& option() const { return *option_; }

  void apply() const {
    const bool is_flag = option_->get_expected_min() == 0;
    if (is_flag && !flag()) return;
    for (const std::string& value : line_.values) option_->add_result(value);
    try {
      option_->run_callback();
    } catch (const CLI::ParseError& e) {
      fail(text_of(e));
    }
  }

  [[noreturn]] void fail(const std::string& why, const std::string& hint = "") const {
    throw UsageError(kWhat, file_ + ", line " + std::to_string(line_.number), why, hint);
  }

 private:
  CLI::Option* positional(CLI::App& command) const {
    CLI::Option* option = command.get_option_no_throw(line_.name);
    return option != nullptr && option->get_positional() ? option : nullptr;
  }

  bool flag() const {
    const std::string value = line_.values.size() == 1 ? line_.values.front() : "";
    if (value != "true" && value != "false")
      fail(quoted(line_.name) + " is a flag, and " + quoted(value) + " is neither true nor false");
    return value == "true";
  }

  const ConfigLine& line_;
  const std::string& file_;
  CLI::Option* option_;
};

void apply_config(CLI::App& command, const std::string& file) {
  std::set<const CLI::Option*> from_file;
  for (const ConfigLine& line : read_lines(file)) {
    const Setting setting(command, line, file);
    if (!from_file.insert(&setting.option()).second) setting.fail(quoted(line.name) + " comes twice");
    if (setting.option().count() == 0) setting.apply();
  }
}

}  // namespace

void add_config_option(CLI::App& command) {
  command.get_help_ptr()->configurable(false);
  command
      .add_option_function<std::string>(
          "--config", [&command](const std::string& file) { apply_config(command, file); },
          "Read options from lines `option = value` (TOML, INI)")
      ->type_name("FILE")
      ->configurable(false);
}

}  // namespace plainsight
