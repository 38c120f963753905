// SPDX-License-Identifier: BSD-3-Clause
//
// Two of these give the processor to each other: every yield is a context switch, VFP registers included.
#include "gotee/gotee.h"

static uint64_t ticks(void) {
  uint32_t low, high;
  __asm__ volatile("isb\n\tmrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high));
  return (uint64_t)high << 32 | low;
}

int main(void) {
  enum { kRounds = 1000 };
  for (int i = 0; i < 10; ++i) gotee_yield();  // until both are here
  const uint64_t start = ticks();
  for (int i = 0; i < kRounds; ++i) gotee_yield();
  const uint64_t spent = ticks() - start;
  gotee_log("cost context_switch %lu", (unsigned long)(spent * 1000 / (2 * kRounds)));
  return 0;
}
