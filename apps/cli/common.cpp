#include "apps/cli/common.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>

#include "apps/cli/config_file.h"
#include "apps/cli/number_option.h"
#include "apps/cli/usage.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/printable.h"
#include "engine/kernels/isa/table.h"

namespace plainsight {
namespace {

volatile std::sig_atomic_t interrupt_received = 0;

int fail(const std::string& program, const std::string& text, ExitCode code) {
  std::fprintf(stderr, "%s: error: %s\n", program.c_str(), text.c_str());
  return code;
}

/// A file that is opened must never get the number of a closed standard stream: what is printed would go into
/// it. Writing to the stand-in fails.
void fill_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// Results that did not reach their reader are no success.
void flush_results() {
  const bool failed_before = std::ferror(stdout) != 0;
  errno = 0;
  if (failed_before) std::fputc('\n', stdout);  // asks for the reason again: that of the failure is gone
  if (std::fflush(stdout) != 0 || failed_before) fail_to_write_results(errno);
}

int parse_and_run(CLI::App& app, int argc, char** argv, const Run& chosen) {
  const std::string program = app.get_name();
  try {
    if (argc < 2) {
      std::fputs(app.help().c_str(), stdout);
      return kUsage;
    }
    check_command(app, argc, argv);
    app.parse(argc, argv);
    kernels();  // an unsupported PLAINSIGHT_ISA is an error before any work is done
    return chosen ? chosen() : kDone;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
      return app.exit(e) == 0 ? kDone : kUsage;
    return fail(program, usage_message(app, e), kUsage);
  } catch (const UsageError& e) {
    return fail(program, e.what(), kUsage);
  } catch (const Error& e) {
    return fail(program, e.what(), kFailed);
  } catch (const std::filesystem::filesystem_error& e) {
    return fail(program, Error("cannot use file", e.path1().string(), e.code().message()).what(), kFailed);
  } catch (const std::bad_alloc&) {
    return fail(program, "out of memory: the input needs more than this machine has. Use a smaller batch",
                kFailed);
  } catch (const std::exception& e) {
    return fail(program, "internal error: " + printable(e.what()) + ". Please report it", kFailed);
  }
}

}  // namespace

void add_common(CLI::App& command, CommonOptions& options, const std::string& example) {
  command.option_defaults()->group("Common options");
  command.set_help_flag("--help,-h", "Print this help");  // anew, to stand in this group
  add_number(command, "--threads", options.threads, Range<int>{1, 4096},
             "Threads to use (default: the processors this process may use)");
  command.add_flag("--quiet,-q", options.quiet, "No progress on stderr");
  add_config_option(command);
  // The empty path stands for "not given" behind here; a shell's unset variable must not be taken for that.
  for (CLI::Option* option : command.get_options())
    if (option->get_type_name() == "FILE" || option->get_type_name() == "DIR")
      option->check([](const std::string& path) { return path.empty() ? "the path is empty" : ""; });
  command.footer("Example:\n  " + example);
}

void apply(const CommonOptions& options) {
  if (options.threads > 0) set_threads(options.threads);
}

int run_program(CLI::App& app, int argc, char** argv, const Run& chosen) {
  fill_standard_streams();
  // Whatever the parent chose: when the reader has gone, as `head` does, end quietly;
  // a file beyond `ulimit -f` is an error.
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_IGN);
  const int code = parse_and_run(app, argc, argv, chosen);
  try {
    flush_results();
  } catch (const Error& e) {
    return code == kDone || code == kSomeSkipped ? fail(app.get_name(), e.what(), kFailed) : code;
  }
  return code;
}

std::string counted(std::size_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

void fail_to_write_results(int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  const char* const why = error == EBADF ? "it is closed"
                          : error != 0   ? std::strerror(error)
                                         : "a write failed";
  throw Error("cannot write", "standard output", why, full ? "Is the disk full?" : "");
}

bool interrupted() { return interrupt_received != 0; }

void watch_interrupts() {
  struct sigaction action {};
  // A second Ctrl-C ends the program at once: files are whole or absent, whenever that happens.
  action.sa_flags = SA_RESETHAND;
  action.sa_handler = [](int) { interrupt_received = 1; };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace plainsight
