#include "apps/cli/config_lines.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/printable.h"

namespace plainsight {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr const char* kHint = "Write plain lines `option = value`";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

/// Reads one line, from left to right.
class LineReader {
 public:
  LineReader(std::string_view line, std::size_t number, const std::string& file)
      : rest_(trimmed(line)), number_(number), file_(file) {}

  bool is_blank_or_comment() const { return rest_.empty() || rest_[0] == '#' || rest_[0] == ';'; }

  ConfigLine read() {
    if (rest_[0] == '[')
      fail("a section " + printable(rest_, 80) + " begins there, and options have none", kHint);
    const std::size_t equals = rest_.find('=');
    const std::string_view name = trimmed(rest_.substr(0, equals));
    if (equals == std::string_view::npos || name.empty())
      fail("\"" + printable(rest_, 80) + "\" is no `option = value`", kHint);
    rest_.remove_prefix(equals + 1);
    ConfigLine line{number_, std::string(name), {}};
    skip_blanks();
    if (rest_.starts_with('['))
      line.values = read_list();
    else
      line.values.push_back(read_value(""));
    skip_blanks();
    if (!at_end())
      fail("\"" + printable(rest_, 80) + "\" follows the value",
           "Put a value with such characters in quotes");
    return line;
  }

 private:
  /// After a value. (`;` begins a comment at a line's start only.)
  bool at_end() const { return rest_.empty() || rest_[0] == '#'; }

  [[noreturn]] void fail(const std::string& why, const std::string& hint) const {
    throw UsageError("cannot use the configuration", file_ + ", line " + std::to_string(number_), why, hint);
  }

  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }

  std::vector<std::string> read_list() {
    std::vector<std::string> values;
    rest_.remove_prefix(1);
    for (skip_blanks(); !rest_.starts_with(']'); skip_blanks()) {
      if (!at_end()) values.push_back(read_value(",]"));
      skip_blanks();
      if (rest_.starts_with(','))
        rest_.remove_prefix(1);
      else if (!rest_.starts_with(']'))
        fail("the list that [ opens does not close on its line", "Write `option = [\"one\", \"two\"]`");
    }
    rest_.remove_prefix(1);
    return values;
  }

  /// A value without quotes ends before a comment or one of `ends`.
  std::string read_value(std::string_view ends) {
    if (rest_.starts_with('"') || rest_.starts_with('\'')) return read_quoted(rest_.front());
    std::size_t end = 0;
    while (end < rest_.size() && ends.find(rest_[end]) == std::string_view::npos &&
           !(rest_[end] == '#' && (end == 0 || kBlanks.find(rest_[end - 1]) != std::string_view::npos)))
      ++end;
    std::string value(trimmed(rest_.substr(0, end)));
    if (value.empty()) fail("there is no value", "An empty one is written \"\"");
    rest_.remove_prefix(end);
    return value;
  }

  std::string read_quoted(char quote) {
    std::string value;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != quote) {
      if (quote == '"' && rest_[0] == '\\') {
        rest_.remove_prefix(1);
        if (!rest_.starts_with('"') && !rest_.starts_with('\\'))
          fail("a backslash stands before something else than \" and \\",
               "Write it twice, or put the value in single quotes");
      }
      value += rest_[0];
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) fail("a quote opens and does not close", "A value's quotes stand on one line");
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  std::size_t number_;
  const std::string& file_;
};

}  // namespace

std::vector<ConfigLine> parse_config(std::string_view text, const std::string& file) {
  std::vector<ConfigLine> lines;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    LineReader reader(text.substr(0, end), number, file);
    if (!reader.is_blank_or_comment()) lines.push_back(reader.read());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace plainsight
