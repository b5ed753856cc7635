#include "apps/common.h"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <new>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/kernels/table.h"

namespace plainsight {
namespace {

volatile std::sig_atomic_t interrupt_received = 0;

int fail(const std::string& program, const char* text, ExitCode code) {
  std::fprintf(stderr, "%s: error: %s\n", program.c_str(), text);
  return code;
}

}  // namespace

void add_common(CLI::App& command, CommonOptions& options, const std::string& example) {
  command
      .add_option("--threads", options.threads, "Threads to use (default: the cores this process may use)")
      ->check(CLI::Range(1, 4096));
  command.add_flag("--quiet,-q", options.quiet, "No progress on stderr");
  command.set_config("--config", "", "Read options from a TOML/INI file (same names)");
  command.allow_config_extras(CLI::config_extras_mode::error);
  command.footer("Example:\n  " + example);
}

void apply(const CommonOptions& options) {
  if (options.threads > 0) set_threads(options.threads);
}

int run_program(CLI::App& app, int argc, char** argv, const Run& chosen) {
  const std::string program = app.get_name();
  try {
    app.parse(argc, argv);
    kernels();  // an unsupported PLAINSIGHT_ISA is an error before any work is done
    return chosen ? chosen() : kDone;
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
      return app.exit(e) == 0 ? kDone : kUsage;
    std::string text = e.what();
    for (char& c : text)
      if (c == '\n') c = ' ';
    return fail(program, (text + ". See " + program + " --help").c_str(), kUsage);
  } catch (const UsageError& e) {
    return fail(program, e.what(), kUsage);
  } catch (const Error& e) {
    return fail(program, e.what(), kFailed);
  } catch (const std::bad_alloc&) {
    return fail(program, "out of memory: the input needs more than this machine has. Use a smaller batch",
                kFailed);
  } catch (const std::exception& e) {
    return fail(program, (std::string("internal error: ") + e.what() + ". Please report it").c_str(),
                kFailed);
  }
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
