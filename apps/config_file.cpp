#include "apps/config_file.h"

#include <fstream>
#include <set>
#include <sstream>

#include "apps/usage.h"
#include "engine/base/error.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

constexpr const char* kWhat = "cannot use the configuration";

std::vector<CLI::ConfigItem> read_items(const std::string& file) {
  try {
    const MappedFile mapped{std::filesystem::path(file)};
    std::istringstream text(
        std::string(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()));
    return CLI::ConfigTOML().from_config(text);
  } catch (const Error& e) {
    throw UsageError(kWhat, "--config " + file, e.what());
  }
}

CLI::Option& option_named(CLI::App& command, const CLI::ConfigItem& item, const std::string& file) {
  if (item.name == "++" || item.name == "--" || !item.parents.empty())
    throw UsageError(kWhat, file, "it has a section [" + item.parents.front() + "]",
                     "Write plain lines `option = value`");
  CLI::Option* option = command.get_option_no_throw("--" + item.name);
  if (option == nullptr && command.get_option_no_throw(item.name) != nullptr &&
      command.get_option(item.name)->get_positional())
    option = command.get_option(item.name);
  if (option == nullptr)
    throw UsageError(kWhat, file, "\"" + item.name + "\" is no option",
                     nearest_option(command, item.name) + "See " + full_name(command) + " --help");
  if (!option->get_configurable())
    throw UsageError(kWhat, file, "\"" + item.name + "\" can only be given on the command line");
  return *option;
}

void set(CLI::Option& option, const CLI::ConfigItem& item) {
  if (option.get_expected_min() > 0) {
    for (const std::string& value : item.inputs) option.add_result(value);
  } else {  // a flag
    option.add_result(option.get_flag_value(item.name, CLI::ConfigTOML().to_flag(item)));
  }
  option.run_callback();
}

void apply_config(CLI::App& command, const std::string& file) {
  std::set<const CLI::Option*> from_file;
  for (const CLI::ConfigItem& item : read_items(file)) {
    CLI::Option& option = option_named(command, item, file);
    if (from_file.contains(&option)) throw UsageError(kWhat, file, "\"" + item.name + "\" comes twice");
    if (option.count() > 0) continue;
    from_file.insert(&option);
    try {
      set(option, item);
    } catch (const CLI::ParseError& e) {
      throw UsageError(kWhat, file, text_of(e));
    }
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
