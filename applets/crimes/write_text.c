// SPDX-License-Identifier: BSD-3-Clause
//
// Overwrites its own code. Ends in a data abort, a write to the first word of victim().
#include "gotee/gotee.h"

__attribute__((noipa)) static void victim(void) {}

static volatile uintptr_t address = (uintptr_t)&victim;

int main(void) {
  gotee_log("PL0 about to write its own code");
  *(volatile uint32_t*)address = 0;
  return 0;
}
