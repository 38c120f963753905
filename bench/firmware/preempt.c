// SPDX-License-Identifier: BSD-3-Clause
//
// What a preemption costs: two of these never give the processor back and write down when they last had it,
// in memory of their own. The gap that one sees is a turn of the other and two preemptions; a turn is the
// quantum.
#include "gotee/gotee.h"

enum { kGaps = 8, kQuantumNs = 10000000 };

static uint64_t ticks(void) {
  uint32_t low, high;
  __asm__ volatile("isb\n\tmrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high));
  return (uint64_t)high << 32 | low;
}

int main(void) {
  uint32_t hz;
  __asm__("mrc p15, 0, %0, c14, c0, 0" : "=r"(hz));
  const uint64_t quantum = (uint64_t)kQuantumNs * hz / 1000000000;
  const uint64_t start = ticks();
  uint64_t sum = 0, last = start;
  uint32_t gaps = 0;
  while (last - start < 2 * kGaps * quantum) {  // the other is over by then, or about to be
    const uint64_t now = ticks();
    const uint64_t gap = now - last;
    last = now;
    if (gap < quantum / 2) continue;
    if (gaps != 0) sum += gap - quantum;  // the other's first turn has its start-up in it
    ++gaps;
  }
  gotee_log("cost preemption %lu", (unsigned long)(sum * 1000 / (2 * (gaps - 1))));
  return 0;
}
