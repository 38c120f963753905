// SPDX-License-Identifier: BSD-3-Clause
//
// Writes the system control register, as if to switch the MMU off. Ends in an undefined instruction
// exception: at PL0 there is no such register.
#include "gotee/gotee.h"

int main(void) {
  gotee_log("PL0 about to write SCTLR");
  __asm__ volatile("mcr p15, 0, %0, c1, c0, 0" : : "r"(0) : "memory");
  return 0;
}
