// SPDX-License-Identifier: BSD-3-Clause
//
// The generic timer is readable at PL0, as Go applets without the tag `syscall_nanotime` need it: CNTFRQ is
// set, and CNTPCT never goes back and does advance. Prints "CNTFRQ N" and "CNTPCT monotonic".
// Ref: [ARM ARM] DDI 0406C.d, B8 (The Generic Timer).
#include <stdio.h>

#include "gotee/gotee.h"

static uint32_t cntfrq(void) {
  uint32_t hertz;
  __asm__ volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(hertz));
  return hertz;
}

static uint64_t cntpct(void) {
  uint32_t low, high;
  __asm__ volatile("isb\n\tmrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

int main(void) {
  const unsigned hertz = cntfrq();
  printf("CNTFRQ %u\n", hertz);
  if (hertz == 0) return 1;
  const uint64_t first = cntpct();
  uint64_t last = first;
  for (int i = 0; i < 100000; ++i) {
    const uint64_t now = cntpct();
    if (now < last) return 2;
    last = now;
  }
  if (last == first) return 3;
  puts("CNTPCT monotonic");
  return 0;
}
