// SPDX-License-Identifier: BSD-3-Clause
//
// Idles as a Go applet does: asks for the time until five seconds are over, and never sleeps. Prints "polled
// five seconds"; returns 1 if the clock is 0 or goes back.
#include <stdio.h>

#include "gotee/gotee.h"

int main(void) {
  const uint64_t start = gotee_nanotime();
  if (start == 0) return 1;
  for (uint64_t last = start; last - start < 5000000000u;) {
    const uint64_t now = gotee_nanotime();
    if (now < last) return 1;
    last = now;
  }
  puts("polled five seconds");
  return 0;
}
