// SPDX-License-Identifier: BSD-3-Clause
//
// Signals.
#include "simulator/interrupt.h"

#include <csignal>

namespace gotee::sim {
namespace {

volatile std::sig_atomic_t count = 0;
void on_interrupt(int /*signal*/) { count = count + 1; }

}  // namespace

void catch_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

int interrupts() { return count; }

}  // namespace gotee::sim
