#include <unistd.h>

#include <charconv>
#include <csignal>

#include "apps/cli/line_filter.h"
#include "apps/commands/commands.h"
#include "engine/base/error.h"
#include "engine/base/utf8.h"
#include "text/ptb.h"
#include "text/wordpiece.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  std::string vocab;
  bool tokens = false, decode = false, ptb = false;
};

void append_number(std::int32_t id, std::string& out) {
  char digits[12];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, id).ptr);
}

// The tokenizers would drop bytes that are not UTF-8 without a message; a filter must report such a loss.
void require_utf8(std::string_view line, std::int64_t number) {
  if (!is_utf8(line))
    throw Error("cannot tokenize", "standard input, line " + std::to_string(number), utf8_complaint(line),
                kUtf8Hint);
}

void encode_line(const WordPiece& wordpiece, bool tokens, std::string_view line, std::int64_t number,
                 std::string& out) {
  require_utf8(line, number);
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

int tokenize_ptb() {
  filter_lines(STDIN_FILENO, STDOUT_FILENO, [](std::string_view line, std::int64_t number, std::string& out) {
    require_utf8(line, number);
    out += ptb_tokenize(line);
  });
  return kDone;
}

int tokenize(const Options& options) {
  apply(options.common);
  std::signal(SIGPIPE, SIG_IGN);
  if (options.ptb) return tokenize_ptb();
  if (options.vocab.empty())
    throw UsageError("cannot tokenize", "--vocab", "it is missing",
                     "Name BERT's vocab.txt, or ask for Penn Treebank words with --ptb");
  const WordPiece wordpiece{std::filesystem::path(options.vocab)};
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
      "tokenize", "Text lines on stdin to WordPiece ids or Penn Treebank words on stdout, one line for each");
  auto* vocab = command->add_option("--vocab", options->vocab,
                                    "BERT's vocab.txt; <SOS> and <EOS> are added after its last id");
  vocab->type_name("FILE");
  auto* tokens = command->add_flag("--tokens", options->tokens, "Print pieces instead of ids");
  auto* decode = command->add_flag("--decode", options->decode,
                                   "Lines of ids in, text out; special tokens are left out");
  decode->excludes(tokens);
  command
      ->add_flag(
          "--ptb", options->ptb,
          "Print the words that pycocoevalcap scores: Penn Treebank tokens in lower case, no punctuation")
      ->excludes(vocab)
      ->excludes(tokens)
      ->excludes(decode);
  add_common(*command, options->common,
             "echo 'two dogs are playing' | plainsight tokenize --vocab vocab.txt");
  command->callback([options, &action] { action = [options] { return tokenize(*options); }; });
}

}  // namespace plainsight
