// SPDX-License-Identifier: BSD-3-Clause
//
// Writes a word into the supervisor's memory. Ends in a data abort, a write to 0x90010000.
#include "gotee/gotee.h"

static volatile uintptr_t address = 0x90010000;

int main(void) {
  gotee_log("PL0 about to write PL1 memory at 0x%08x", (unsigned)address);
  *(volatile uint32_t*)address = 0;
  return 0;
}
