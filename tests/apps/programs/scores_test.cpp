#include "tests/apps/programs/program.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

// Runs the program with `input` on stdin.
Ended with_input(const Workshop& w, const std::string& input, const std::string& arguments) {
  put(w / "input", input);
  const std::string command = std::string(PLAINSIGHT_PROGRAM) + " " + arguments + " < input";
  return run_program_in(w.folder(), {"/bin/sh", "-c", command});
}

}  // namespace

TEST_CASE("tokenize --ptb prints the words that are scored, a line for a line, and needs no vocabulary") {
  const Workshop w;
  const Ended ended = with_input(w, "It's a dog (brown), Mr. Smith.\n...\nA T-shirt", "tokenize --ptb");
  CHECK(ended.code == 0);
  CHECK(ended.out == "it 's a dog -lrb- brown -rrb- mr. smith\n\na t-shirt\n");
  check_error(with_input(w, "a\xFF\n", "tokenize --ptb"), 1, {"standard input, line 1"});
  for (const char* other : {"--vocab vocab.txt", "--tokens", "--decode"})
    check_error(with_input(w, "", std::string("tokenize --ptb ") + other), 2, {"--ptb"});
  check_error(w.plainsight({"tokenize"}), 2, {"--vocab", "--ptb"});
}
