// SPDX-License-Identifier: BSD-3-Clause
//
// Reads through a null pointer. Ends in a data abort on address 0, which is never mapped.
#include "gotee/gotee.h"

static volatile uintptr_t address = 0;

int main(void) {
  gotee_log("PL0 about to read through a null pointer");
  return (int)*(volatile uint32_t*)address;
}
