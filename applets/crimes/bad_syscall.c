// SPDX-License-Identifier: BSD-3-Clause
//
// Makes a system call with a number that nobody has defined. Ends at the SVC, with the number in r0.
#include "gotee/gotee.h"

int main(void) {
  register uint32_t r0 __asm__("r0");
  gotee_log("PL0 about to make system call 4095");
  r0 = 4095;
  __asm__ volatile("svc #0" : "+r"(r0) : : "memory");
  return 0;
}
