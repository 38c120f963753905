// SPDX-License-Identifier: BSD-3-Clause
//
// Reads the counters and the time in every order, between system calls, first writes to pages, and sleeps. In
// lockstep both copies must see the same, and it must be the time. Prints "lockstep time is the time".
#include <stdio.h>

#include "gotee/gotee.h"

static char pages[16][4096];

static uint64_t cntpct(void) {
  uint32_t low, high;
  __asm__ volatile("isb\n\tmrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

static uint64_t cntvct(void) {
  uint32_t low, high;
  __asm__ volatile("isb\n\tmrrc p15, 1, %0, %1, c14" : "=r"(low), "=r"(high) : : "memory");
  return (uint64_t)high << 32 | low;
}

int main(void) {
  uint64_t last = 0;
  for (int i = 0; i < 300; ++i) {
    const uint64_t before = gotee_nanotime();
    const uint64_t first = cntpct();
    ((volatile char*)pages[i % 16])[i] = (char)first;
    const uint64_t second = cntvct();
    if (i % 50 == 0) gotee_sleep_ns(UINT64_C(3000000000));
    const uint64_t third = cntpct();
    const uint64_t after = gotee_nanotime();
    if (first < last || second < first || third < second) return 2;
    if ((first + 1) * 125 < before || third * 125 > after) return 3;
    if (i % 50 == 0 && (third - second) * 125 < UINT64_C(3000000000)) return 4;
    last = third;
  }
  puts("lockstep time is the time");
  return 0;
}
