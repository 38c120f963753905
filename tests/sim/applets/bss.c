// SPDX-License-Identifier: BSD-3-Clause
//
// 33.6 MB of .bss are zero on entry, as a Go applet needs them, and the rest of the region is there to use:
// every page of the heap, up to 128 KiB under its end, keeps a word. Prints "bss zero" and "heap walked".
#include <stdio.h>

#include "gotee/gotee.h"

enum { kBssWords = 33600000 / 4, kPageSize = 4096 };

static volatile uint32_t bss[kBssWords];
extern volatile char __heap_start[], __heap_end[];  // applet.ld

int main(void) {
  for (uint32_t i = 0; i < kBssWords; ++i) {
    if (bss[i] != 0) return 1;
  }
  puts("bss zero");

  // stdio has taken the first pages for its buffer: malloc grows by a page, so 64 KiB up is free.
  const uintptr_t start = ((uintptr_t)__heap_start + 0x10000) & ~(uintptr_t)(kPageSize - 1);
  const uintptr_t end = (uintptr_t)__heap_end;
  for (uintptr_t page = start; page < end; page += kPageSize) *(volatile uint32_t*)page = ~(uint32_t)page;
  for (uintptr_t page = start; page < end; page += kPageSize) {
    if (*(volatile uint32_t*)page != ~(uint32_t)page) return 2;
  }
  if (end < GOTEE_REGION_BASE + GOTEE_REGION_SIZE - 2 * GOTEE_GUARD_SIZE) return 3;
  puts("heap walked");
  return 0;
}
