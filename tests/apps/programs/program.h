#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <string>
#include <vector>

#include "tests/model/training/tiny_run.h"
#include "tests/support/temp_dir.h"

namespace plainsight::test {

/// Exit code and output of a program that ended.
struct Ended {
  int code;  ///< of its exit; 128 + the signal that ended it
  std::string out, err;
};

using Words = std::vector<std::string>;

/// Runs a program in `folder`, without input. `stdout_to` opens a file, for example /dev/full, in place of
/// the captured one; "-" closes it.
inline Ended run_program_in(const std::filesystem::path& folder, Words words,
                            const std::string& stdout_to = "") {
  const TempDir captured;
  const std::string out = captured / "out", err = captured / "err";
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto open_as = [](int fd, const std::string& file, int flags) {
      const int opened = ::open(file.c_str(), flags, 0666);
      if (opened < 0 || ::dup2(opened, fd) < 0) ::_exit(126);
      ::close(opened);
    };
    open_as(STDIN_FILENO, "/dev/null", O_RDONLY);
    open_as(STDOUT_FILENO, stdout_to.empty() || stdout_to == "-" ? out : stdout_to, O_WRONLY | O_CREAT);
    open_as(STDERR_FILENO, err, O_WRONLY | O_CREAT);
    if (stdout_to == "-") ::close(STDOUT_FILENO);
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), get(out), get(err)};
}

/// A folder with a small training set (vocab.txt, captions.txt, features.safetensors), and the programs to
/// run in it.
class Workshop {
 public:
  std::filesystem::path folder() const { return set_.folder(); }
  std::filesystem::path operator/(const std::string& name) const { return folder() / name; }

  Ended plainsight(Words words, const std::string& stdout_to = "") const {
    words.insert(words.begin(), PLAINSIGHT_PROGRAM);
    return run_program_in(folder(), std::move(words), stdout_to);
  }
  Ended convert(Words words) const {
    words.insert(words.begin(), WEIGHTS_CONVERT_PROGRAM);
    return run_program_in(folder(), std::move(words));
  }

  /// `plainsight train` with the folder's files and more words.
  Ended train(const Words& more) const {
    Words words = {"train",      "--features",   "features.safetensors",
                   "--captions", "captions.txt", "--hidden",
                   "8",          "--embed",      "8",
                   "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return plainsight(words);
  }
  /// The same into a run folder.
  void make_run(const std::string& name) const {
    const Ended r = train({"--vocab", "vocab.txt", "--epochs", "2", "--out", name});
    CAPTURE(r.err);
    REQUIRE(r.code == 0);
  }

  /// Every file with its size and time.
  std::set<std::string> listing() const {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder()))
      files.insert(entry.path().string() + " " +
                   std::to_string(entry.is_regular_file() ? entry.file_size() : 0) + " " +
                   std::to_string(entry.last_write_time().time_since_epoch().count()));
    return files;
  }

 private:
  TinySet set_;
};

/// The program said one line that names `parts`, and ended with `code`.
inline void check_error(const Ended& r, int code, const Words& parts,
                        const std::string& program = "plainsight") {
  CAPTURE(r.err);
  CHECK(r.code == code);
  CHECK(r.err.starts_with(program + ": error: "));
  CHECK(r.err.find('\n') == r.err.size() - 1);
  CHECK(r.err.find("internal error") == std::string::npos);
  CHECK(r.err.find("exception") == std::string::npos);
  for (const std::string& part : parts) {
    CAPTURE(part);
    CHECK(r.err.find(part) != std::string::npos);
  }
}

}  // namespace plainsight::test
