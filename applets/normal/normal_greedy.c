// SPDX-License-Identifier: BSD-3-Clause
//
// A guest that masks every interrupt and never gives the processor back. The secure side runs on all the
// same.
#include "guest.h"

int main(void) {
  print("normal world masks its interrupts and loops for ever\n");
  __asm__ volatile("cpsid aif");
  for (volatile uint32_t i = 0;; ++i) {
  }
}
