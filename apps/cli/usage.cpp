#include "apps/cli/usage.h"

#include <algorithm>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/printable.h"

namespace plainsight {
namespace {

/// Letters to insert, delete or exchange that make one word of the other (Levenshtein).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t exchanged = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, exchanged});
    }
  }
  return row.back();
}

/// "Did you mean X? " for the known word that differs in a third of its letters at most; else nothing.
std::string nearest(const std::string& word, const std::vector<std::string>& known,
                    const std::string& prefix = "") {
  const auto closest = std::min_element(
      known.begin(), known.end(), [&](auto& a, auto& b) { return distance(word, a) < distance(word, b); });
  if (closest == known.end() || distance(word, *closest) > (closest->size() + 2) / 3) return "";
  return "Did you mean " + prefix + *closest + "? ";
}

const CLI::App& chosen_command(const CLI::App& program) {
  const auto commands = program.get_subcommands();
  return commands.empty() ? program : *commands.front();
}

/// The first word that nothing takes, or nothing.
std::string unexpected_word(const CLI::App& program) {
  const auto words = program.remaining(true);
  return words.empty() ? "" : words.front();
}

}  // namespace

std::string full_name(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : parent->get_name() + " " + command.get_name();
}

std::string nearest_option(const CLI::App& command, const std::string& name) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& known : option->get_lnames()) names.push_back(known);
  return nearest(name, names, "--");
}

void check_command(const CLI::App& program, int argc, char** argv) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) names.push_back(command->get_name());
  if (names.empty() || argc < 2 || argv[1][0] == '-') return;
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return;
  throw UsageError("no such command", "\"" + std::string(argv[1]) + "\"",
                   program.get_name() + " has none of this name",
                   nearest(argv[1], names) + "See " + program.get_name() + " --help");
}

std::string text_of(const CLI::ParseError& error) {
  std::string text = error.what();
  const std::string name = text.substr(0, text.find(':'));
  // CLI11 speaks of how many values are "required".
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) return text;
  return text.find("received") == std::string::npos ? name + " needs a value"
                                                    : name + " takes one value only";
}

std::string usage_message(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App& command = chosen_command(program);
  const std::string word = unexpected_word(program);
  std::string text = text_of(error), hint;
  if (!word.empty()) {
    const std::string option = word.substr(0, word.find('='));
    text = "\"" + option + "\" was not expected";
    if (option.starts_with("--")) hint = nearest_option(command, option.substr(2));
    if (&command != &program && !program.remaining(false).empty()) hint = "Options follow the command. ";
  }
  return printable(text) + ". " + hint + "See " + full_name(command) + " --help";
}

}  // namespace plainsight
