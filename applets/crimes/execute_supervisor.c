// SPDX-License-Identifier: BSD-3-Clause
//
// Calls a function inside the supervisor's memory. Ends in a prefetch abort with pc 0x90010000.
#include "gotee/gotee.h"

static volatile uintptr_t address = 0x90010000;

int main(void) {
  gotee_log("PL0 about to execute PL1 memory at 0x%08x", (unsigned)address);
  ((void (*)(void))address)();
  return 0;
}
