#include <unistd.h>

#include <charconv>
#include <csignal>

#include "apps/cli/line_filter.h"
#include "apps/commands/commands.h"
#include "engine/base/error.h"
#include "engine/base/utf8.h"
#include "text/wordpiece.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  std::string vocab;
  bool tokens = false, decode = false;
};

void append_number(std::int32_t id, std::string& out) {
  char digits[12];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, id).ptr);
}

void encode_line(const WordPiece& wordpiece, bool tokens, std::string_view line, std::int64_t number,
                 std::string& out) {
  // WordPiece itself would drop what is no text; a filter that loses a part of its input says so.
  if (!is_utf8(line))
    throw Error("cannot tokenize", "standard input, line " + std::to_string(number), utf8_complaint(line),
                kUtf8Hint);
  thread_local std::vector<std::int32_t> ids;
  ids.clear();
  wordpiece.encode(line, ids);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) out += ' ';
    if (tokens)
      out += wordpiece.piece(ids[i]);
    else
      append_number(ids[i], out);
  }
}

std::vector<std::int32_t> parse_ids(const WordPiece& wordpiece, std::string_view line, std::int64_t number) {
  std::vector<std::int32_t> ids;
  constexpr std::string_view kBlanks = " \t\r";
  for (std::size_t begin = 0; (begin = line.find_first_not_of(kBlanks, begin)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, begin), line.size());
    std::int32_t id = -1;
    const auto [stop, error] = std::from_chars(line.data() + begin, line.data() + end, id);
    if (error != std::errc() || stop != line.data() + end || id < 0 || id >= wordpiece.size())
      throw Error(
          "cannot decode", "standard input, line " + std::to_string(number),
          "\"" + std::string(line.substr(begin, end - begin)) + "\" is not an id",
          "Ids are numbers from 0 to " + std::to_string(wordpiece.size() - 1) + ", separated by blanks");
    ids.push_back(id);
    begin = end;
  }
  return ids;
}

int tokenize(const Options& options) {
  apply(options.common);
  const WordPiece wordpiece{std::filesystem::path(options.vocab)};
  std::signal(SIGPIPE, SIG_IGN);
  filter_lines(STDIN_FILENO, STDOUT_FILENO,
               [&](std::string_view line, std::int64_t number, std::string& out) {
                 if (options.decode)
                   out += wordpiece.decode(parse_ids(wordpiece, line, number));
                 else
                   encode_line(wordpiece, options.tokens, line, number, out);
               });
  return kDone;
}

}  // namespace

void add_tokenize(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "tokenize", "Text lines on stdin to WordPiece ids on stdout, one line for each; or the other way");
  command
      ->add_option("--vocab", options->vocab,
                   "BERT's vocab.txt; <SOS> and <EOS> are added behind its last id")
      ->required()
      ->type_name("FILE");
  auto* tokens = command->add_flag("--tokens", options->tokens, "Print pieces instead of ids");
  command->add_flag("--decode", options->decode, "Lines of ids in, text out; special tokens are left out")
      ->excludes(tokens);
  add_common(*command, options->common,
             "echo 'two dogs are playing' | plainsight tokenize --vocab vocab.txt");
  command->callback([options, &action] { action = [options] { return tokenize(*options); }; });
}

}  // namespace plainsight
