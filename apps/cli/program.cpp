#include "apps/cli/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>

#include "apps/cli/usage.h"
#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "engine/kernels/isa/engine.h"
#include "engine/kernels/isa/table.h"

namespace plainsight {
namespace {

int fail(const std::string& program, const std::string& text, ExitCode code) {
  std::fprintf(stderr, "%s: error: %s\n", program.c_str(), text.c_str());
  return code;
}

/// Opens /dev/null in place of standard streams that are closed. Otherwise the next file opened would get the
/// stream's descriptor, and printed text would go into it. Writing to the replacement fails.
void fill_standard_streams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// Throws Error when results did not reach their reader.
void flush_results() {
  const bool failed_before = std::ferror(stdout) != 0;
  errno = 0;
  if (failed_before) std::fputc('\n', stdout);  // fails again, for errno: that of the failure is lost
  if (std::fflush(stdout) != 0 || failed_before) fail_to_write_results(errno);
}

int parse_and_run(CLI::App& app, int argc, char** argv, const Action& chosen) {
  const std::string program = app.get_name();
  try {
    if (argc < 2) {
      std::fputs(app.help().c_str(), stdout);
      return kUsage;
    }
    check_command(app, argc, argv);
    app.parse(argc, argv);
    // A wrong PLAINSIGHT_ISA or PLAINSIGHT_ENGINE is an error before any work is done.
    kernels();
    engine();
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

int run_program(CLI::App& app, int argc, char** argv, const Action& chosen) {
  fill_standard_streams();
  // The parent may have set these otherwise. When the reader goes away, as `head` does, end quietly; a file
  // larger than `ulimit -f` is an error.
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

void fail_to_write_results(int error) {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  const char* const why = error == EBADF ? "it is closed"
                          : error != 0   ? std::strerror(error)
                                         : "a write failed";
  throw Error("cannot write", "standard output", why, full ? "Is the disk full?" : "");
}

}  // namespace plainsight
