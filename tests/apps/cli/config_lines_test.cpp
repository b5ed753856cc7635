#include "apps/cli/config_lines.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"

using namespace plainsight;
using Values = std::vector<std::string>;

namespace {

/// The values of the only line.
Values values(const std::string& text) {
  const auto lines = parse_config(text, "c.toml");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].name == "x");
  return lines[0].values;
}

std::string refusal(const std::string& text) {
  try {
    parse_config(text, "c.toml");
  } catch (const UsageError& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a configuration's values keep what their quotes hold, and lose comments") {
  CHECK(values("x = 3") == Values{"3"});
  CHECK(values("x=3#4") == Values{"3#4"});  // as a shell reads it
  CHECK(values("\xEF\xBB\xBF  x\t=  a b  # c\r\n") == Values{"a b"});
  CHECK(values("x = \"/a/b#c\"") == Values{"/a/b#c"});
  CHECK(values("x = \"/a/b # c\"# \"d\"") == Values{"/a/b # c"});
  CHECK(values(R"(x = "say \"a\\b\"")") == Values{R"(say "a\b")"});
  CHECK(values(R"(x = 'say "a\b" # ;')") == Values{R"(say "a\b" # ;)"});
  CHECK(values("x = \"\"") == Values{""});
  CHECK(values("x = a=b") == Values{"a=b"});
  CHECK(values("x = a ; b") == Values{"a ; b"});
  CHECK(values("x = [ a b, \"c,]#\" ,'d' ]  # e") == Values{"a b", "c,]#", "d"});
  CHECK(values("x = [a]") == Values{"a"});
  CHECK(values("x = []").empty());
  const auto lines = parse_config("# one\n; two\n\n \t\ny = 1\r\nz = 2", "c.toml");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].number == 5);
  CHECK(lines[1].number == 6);
  CHECK(lines[1].name == "z");
  CHECK(parse_config("", "c.toml").empty());
}

TEST_CASE("a configuration's line that cannot be read is named") {
  const auto refused = [](const std::string& line, const char* part) {
    const std::string text = refusal("a = 1\n" + line + "\n");
    CAPTURE(text);
    CHECK(text.starts_with("cannot use the configuration (c.toml, line 2): "));
    CHECK(text.find(part) != std::string::npos);
  };
  refused("[train]", "a section [train]");
  refused("quiet", "\"quiet\" is no `option = value`");
  refused("= 3", "\"= 3\" is no `option = value`");
  refused("x =", "there is no value");
  refused("x = # 3", "there is no value");
  refused("x = \"a", "a quote opens and does not close");
  refused("x = 'a\"", "a quote opens and does not close");
  refused("x = \"a\" b", "\"b\" follows the value");
  refused("x = [a] b", "\"b\" follows the value");
  refused("x = \"a\" ; b", "\"; b\" follows the value");
  refused("x = [a] ; b", "\"; b\" follows the value");
  refused("x = \"a\\n\"", "a backslash");
  refused("x = \"a\\", "a backslash");
  refused("x = [a, b", "does not close on its line");
  refused("x = [a,", "does not close on its line");
  refused("x = [ # a]", "does not close on its line");
  refused("x = [a, \"b\" c]", "does not close on its line");
  refused("x = [,]", "there is no value");
  CHECK(refusal("\x1b[31m" + std::string(100000, 'y')).size() < 300);
}
