// SPDX-License-Identifier: BSD-3-Clause
//
// Calls an instruction that it keeps in a variable. Ends in a prefetch abort: data is never executable.
#include "gotee/gotee.h"

static volatile uint32_t code[1] = {0xe12fff1e};  // bx lr
static volatile uintptr_t address = (uintptr_t)code;

int main(void) {
  gotee_log("PL0 about to execute its own data");
  ((void (*)(void))address)();
  return 0;
}
