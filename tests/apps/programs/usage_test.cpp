// A wrong command line: exit code 2, and one line that names the word and the command that helps.

#include <algorithm>

#include "tests/apps/programs/program.h"
#include "tests/support/source_folder.h"

using namespace plainsight::test;

namespace {

const Words kCommands = {"demo",    "extract",   "train",   "caption",  "evaluate", "explain",
                         "summary", "gradcheck", "dataset", "tokenize", "score"};

/// Every word that begins with two dashes.
std::set<std::string> options_in(const std::string& text) {
  const auto is_letter = [](char c) { return ('a' <= c && c <= 'z') || c == '-'; };
  std::set<std::string> options;
  for (std::size_t at = 0; (at = text.find("--", at)) != std::string::npos;) {
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at);
    const std::string option(begin, std::find_if_not(begin, text.end(), is_letter));
    options.insert(option);
    at += option.size();
  }
  return options;
}

/// The part of docs/cli.md on a command: the lines before the tables, which are for all commands, and the
/// rows whose first column names it.
std::string rows_of(const std::string& command, const std::string& page) {
  std::size_t at = page.find("\n|");
  std::string text = page.substr(0, at);
  for (; at != std::string::npos; at = page.find("\n|", at + 1)) {
    const std::string row = page.substr(at + 1, page.find('\n', at + 1) - at - 1);
    const std::string names = row.substr(0, row.find(" |"));
    if (names.find("`" + command + "`") != std::string::npos ||
        names.find("`" + command + " ") != std::string::npos)
      text += "\n" + row;
  }
  return text;
}

}  // namespace

TEST_CASE("a program alone prints its help and exits with 2") {
  const Workshop w;
  for (const Ended& r : {w.plainsight({}), w.convert({})}) {
    CHECK(r.code == 2);
    CHECK(r.out.find("Usage:") != std::string::npos);
    CHECK(r.err.empty());
  }
}

TEST_CASE("both programs say their version") {
  const Workshop w;
  CHECK(w.plainsight({"--version"}).out.starts_with("plainsight "));
  CHECK(w.convert({"--version"}).out.starts_with("weights-convert "));
}

TEST_CASE("every command's help has an example, and says --config and --threads") {
  const Workshop w;
  for (const std::string& command : kCommands) {
    const Ended r = w.plainsight({command, "--help"});
    CAPTURE(command);
    CHECK(r.code == 0);
    CHECK(r.err.empty());
    for (const char* part : {"Example:\n", "--config FILE", "--threads N", "--quiet"})
      CHECK(r.out.find(part) != std::string::npos);
    CHECK(r.out.find("plainsight " + command) != std::string::npos);
  }
}

TEST_CASE("docs/cli.md has every option of every command") {
  const Workshop w;
  const std::string page = get(source_folder() / "docs" / "cli.md");
  REQUIRE(!page.empty());
  const auto check_options = [&](const std::string& command, const std::string& help) {
    CAPTURE(command);
    const std::set<std::string> options = options_in(help), documented = options_in(rows_of(command, page));
    CHECK(options.size() >= 4);
    for (const std::string& option : options) {
      CAPTURE(option);
      CHECK(documented.contains(option));
    }
  };
  for (const std::string& command : kCommands) check_options(command, w.plainsight({command, "--help"}).out);
  check_options("weights-convert", w.convert({"--help"}).out);
}

TEST_CASE("the captions that README.md shows are enough for a split") {
  const Workshop w;
  const std::string page = get(source_folder() / "README.md");
  const std::size_t begin = page.find("\nimage,caption\n") + 1;
  put(w / "captions.txt", page.substr(begin, page.find("```", begin) - begin));
  const Ended r = w.plainsight({"dataset", "--captions", "captions.txt"});
  CAPTURE(r.err);
  CHECK(r.code == 0);
  CHECK(r.out.find("1 train, 1 validation") != std::string::npos);
}

TEST_CASE("a wrong word is named, with the one that is like it") {
  const Workshop w;
  check_error(w.plainsight({"bogus"}), 2, {"bogus", "plainsight --help"});
  check_error(w.plainsight({"trian"}), 2, {"trian", "Did you mean train?"});
  check_error(w.plainsight({"train", "--epoch", "3"}), 2,
              {"\"--epoch\"", "--epochs", "plainsight train --help"});
  check_error(w.plainsight({"train", "--zzz=3"}), 2, {"\"--zzz\"", "plainsight train --help"});
  check_error(w.plainsight({"--threads", "2", "gradcheck"}), 2,
              {"\"--threads\"", "Options follow the command"});
  check_error(w.plainsight({"summary", "more"}), 2, {"\"more\"", "plainsight summary --help"});
  check_error(w.plainsight({"train"}), 2, {"--features", "plainsight train --help"});
  check_error(w.plainsight({"train", "--features"}), 2,
              {"--features needs a value", "plainsight train --help"});
  check_error(w.plainsight({"summary", "--run", "a", "--run", "b"}), 2, {"--run takes one value only"});
  check_error(w.plainsight({""}), 2, {"no such command (\"\")"});
  check_error(w.convert({"--lst", "x"}), 2, {"\"--lst\"", "--list"}, "weights-convert");
}

TEST_CASE("a number out of its range, or none, is refused with the range") {
  const Workshop w;
  const auto refused = [&](const Words& before, const std::string& option, const Words& values,
                           const std::string& range) {
    for (const std::string& value : values) {
      Words words = before;
      words.insert(words.end(), {option, value});
      CAPTURE(value);
      const auto files = w.listing();
      check_error(w.plainsight(words), 2, {option + ": ", "\"" + value + "\"", range});
      CHECK(w.listing() == files);
    }
  };
  const Words train = {"train",      "--features",   "features.safetensors",
                       "--captions", "captions.txt", "--vocab",
                       "vocab.txt",  "--out",        "run"};
  refused(train, "--epochs", {"0", "-1", "x", "", "1.5", "010x", "100001"}, "from 1 to 100000");
  refused(train, "--batch-size", {"0", "1000000000", "99999999999999999999"}, "from 1 to 65536");
  refused(train, "--lr", {"0", "-1", "nan", "inf", "11"}, "above 0 and at most 10");
  refused(train, "--hidden", {"0", "100000000"}, "from 1 to 8192");
  refused(train, "--embed", {"0", "100000000"}, "from 1 to 8192");
  refused(train, "--dropout", {"-0.1", "1", "nan"}, "of at least 0 and below 1");
  refused(train, "--clip-norm", {"-1", "inf"}, "from 0 to");
  refused(train, "--weight-decay", {"-1", "1"}, "of at least 0 and below 1");
  refused(train, "--patience", {"-1", "1000000"}, "from 0 to 100000");
  refused(train, "--seed", {"-1", "18446744073709551616"}, "from 0 to 18446744073709551615");
  refused(train, "--threads", {"0", "4097"}, "from 1 to 4096");
  for (const Words& decode : {Words{"caption", "--run", "run", "--features", "features.safetensors", "-q"},
                              Words{"evaluate", "--run", "run", "--features", "f", "--captions", "c"}}) {
    refused(decode, "--beam", {"0", "65"}, "from 1 to 64");
    refused(decode, "--length-penalty", {"-1", "nan", "11"}, "from 0 to 10");
    refused(decode, "--temperature", {"0", "-1", "nan", "101"}, "above 0 and at most 100");
    refused(decode, "--top-k", {"-1"}, "from 0 to 1000000");
    refused(decode, "--top-p", {"0", "2"}, "above 0 and at most 1");
    refused(decode, "--max-length", {"0", "1", "1001"}, "from 2 to 1000");
    refused(decode, "--seed", {"-1"}, "from 0 to 18446744073709551615");
  }
  refused({"caption", "--run", "run", "--features", "f"}, "--num", {"0", "1001"}, "from 1 to 1000");
  refused({"extract", "--images", "i", "--weights", "w", "--out", "o"}, "--batch-size", {"0", "1000000000"},
          "from 1 to 1024");
  refused({"demo"}, "--size", {"0", "19", "1000000000"}, "from 20 to");
  refused({"gradcheck"}, "--seed", {"-1"}, "from 0 to 18446744073709551615");
}

TEST_CASE("an option that would do nothing is refused") {
  const Workshop w;
  const Words dataset = {"dataset", "--captions", "captions.txt"};
  const auto with = [](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  for (const Words& command : {dataset, Words{"train", "--features", "features.safetensors", "--captions",
                                              "captions.txt", "--vocab", "vocab.txt", "--out", "run"}}) {
    check_error(w.plainsight(with(command, {"--split-dir", "."})), 2, {"--split-dir", "--split official"});
    check_error(w.plainsight(with(command, {"--karpathy-json", "x"})), 2,
                {"--karpathy-json", "--split karpathy"});
    check_error(w.plainsight(with(command, {"--split", "official"})), 2, {"--split-dir is missing"});
  }
  check_error(w.plainsight({"evaluate", "--run", "r", "--features", "f", "--captions", "c", "--images", "i"}),
              2, {"--images", "--html"});
  check_error(w.plainsight({"caption", "--run", "r", "--features", "f", "--weights", "v"}), 2, {"--weights"});
  check_error(w.plainsight({"caption", "--run", "r", "--weights", "v", "a.jpg", "--id", "x"}), 2, {"--id"});
  check_error(w.plainsight({"caption", "--run", "r", "--weights", "v", "--id", "x", "a.jpg"}), 2,
              {"--id", "every word that follows it"});
  check_error(w.plainsight({"tokenize", "--vocab", "vocab.txt", "--tokens", "--decode"}), 2,
              {"--tokens", "--decode"});
  w.make_run("run");
  const auto belongs = [&](const Words& options, const std::string& method, const std::string& other) {
    for (const std::string& option : options)
      for (const Words& command :
           {Words{"caption", "--run", "run", "--features", "features.safetensors", "-q"},
            Words{"evaluate", "--run", "run", "--features", "features.safetensors", "--captions",
                  "captions.txt", "-q"}}) {
        CAPTURE(option);
        const Words chosen = with(command, {option, "1", "--decode"});
        check_error(w.plainsight(with(chosen, {other})), 2, {option, "--decode " + method + " only"});
        check_error(w.plainsight(with(chosen, {"greedy"})), 2, {option, "--decode " + method + " only"});
        CHECK(w.plainsight(with(chosen, {method})).code == 0);
      }
  };
  belongs({"--beam", "--length-penalty"}, "beam", "sample");
  belongs({"--temperature", "--top-k", "--top-p", "--seed"}, "sample", "beam");
}

TEST_CASE("an empty path is an error of its option") {
  const Workshop w;
  check_error(w.plainsight({"extract", "--images", "", "--weights", "w", "--out", "o"}), 2,
              {"--images: the path is empty"});
  check_error(w.plainsight({"summary", "--run", ""}), 2, {"--run: the path is empty"});
  check_error(w.plainsight({"caption", "--run", "r", "--weights", "w", "a.jpg", ""}), 2,
              {"IMAGE: the path is empty"});
  check_error(w.convert({""}), 2, {"IN: the path is empty"}, "weights-convert");
}

TEST_CASE("an instruction set that does not exist is an error, not a guess") {
  const Workshop w;
  ::setenv("PLAINSIGHT_ISA", "nonsense", 1);
  const Ended r = w.plainsight({"summary"});
  ::unsetenv("PLAINSIGHT_ISA");
  check_error(r, r.code, {"nonsense", "PLAINSIGHT_ISA"});
  CHECK((r.code == 1 || r.code == 2));
}
