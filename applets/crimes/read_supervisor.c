// SPDX-License-Identifier: BSD-3-Clause
//
// Reads a word of the supervisor's memory. Ends in a data abort, a read of 0x90010000.
#include "gotee/gotee.h"

static volatile uintptr_t address = 0x90010000;

int main(void) {
  gotee_log("PL0 about to read PL1 memory at 0x%08x", (unsigned)address);
  return (int)*(volatile uint32_t*)address;
}
