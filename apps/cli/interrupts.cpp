#include "apps/cli/interrupts.h"

#include <csignal>

namespace plainsight {
namespace {

volatile std::sig_atomic_t interrupt_received = 0;

}  // namespace

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
