// SPDX-License-Identifier: BSD-3-Clause
//
// What a monitor call costs a guest of the Normal world. Prints "cost NAME AVERAGE", in counter ticks times
// 1000.
#include "guest.h"

static uint64_t ticks(void) {
  uint32_t low, high;
  __asm__ volatile("isb\n\tmrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high));
  return (uint64_t)high << 32 | low;
}

static void print_decimal(uint32_t value) {
  char digits[10];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0) monitor_write(digits[--n]);
}

int main(void) {
  enum { kRounds = 1000 };
  const uint64_t start = ticks();
  for (int i = 0; i < kRounds; ++i) monitor_yield();
  const uint32_t spent = (uint32_t)(ticks() - start);
  print("cost monitor_call ");
  print_decimal(spent);  // times 1000, over 1000 rounds
  print("\n");
  return 0;
}
