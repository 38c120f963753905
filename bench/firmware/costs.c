// SPDX-License-Identifier: BSD-3-Clause
//
// What the supervisor costs an applet, by the counter that PL0 may read. Under `-icount shift=0` one
// nanosecond is one instruction. Prints "cost NAME AVERAGE" lines, in counter ticks times 1000.
#include "gotee/gotee.h"

static uint64_t ticks(void) {
  uint32_t low, high;
  __asm__ volatile("isb\n\tmrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high));
  return (uint64_t)high << 32 | low;
}

static void report(const char* name, uint64_t spent, uint32_t rounds) {
  gotee_log("cost %s %lu", name, (unsigned long)(spent * 1000 / rounds));
}

#define MEASURE(name, rounds, statement)               \
  do {                                                 \
    const uint64_t start = ticks();                    \
    for (uint32_t i = 0; i < (rounds); ++i) statement; \
    report(name, ticks() - start, rounds);             \
  } while (0)

static uint8_t buffer[4096];

/// One whole exchange as Go's client makes it: the request at once, then responses up to the end of file.
static void rpc_echo(void) {
  static const char kRequest[] = "{\"method\":\"RPC.Echo\",\"params\":[\"hello\"],\"id\":0}\n";
  gotee_rpc_request(kRequest, sizeof kRequest - 1);
  while (gotee_rpc_response(buffer, sizeof buffer) > 0) {
  }
}

int main(void) {
  report("reset_to_applet", ticks(), 1);
  volatile double warm = 1.5;  // VFP in use, as in every applet that a compiler made
  warm = warm * warm;
  MEASURE("empty_loop", 1000, __asm__ volatile(""));
  MEASURE("yield_alone", 1000, gotee_yield());
  MEASURE("nanotime", 7, gotee_nanotime());
  gotee_yield();
  MEASURE("getrandom_16", 200, gotee_getrandom(buffer, 16));
  MEASURE("getrandom_4096", 20, gotee_getrandom(buffer, 4096));
  MEASURE("rpc_echo", 50, rpc_echo());
  return 0;
}
