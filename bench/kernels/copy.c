// SPDX-License-Identifier: BSD-3-Clause
//
// Copying 32 KiB, once with the library's memcpy and once with LDM and STM.
#include <string.h>

#include "kernel.h"

enum { kWords = 8192 };

static uint32_t first[kWords], second[kWords];

static void copy_multiple(uint32_t* to, const uint32_t* from) {
  for (const uint32_t* const end = from + kWords; from != end;) {
    __asm__ volatile(
        "ldm %0!, {r4-r10, r12}\n\t"
        "stm %1!, {r4-r10, r12}"
        : "+r"(from), "+r"(to)
        :
        : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r12", "memory");
  }
}

uint32_t kernel_run(uint32_t rounds) {
  for (uint32_t i = 0; i < kWords; ++i) first[i] = i * 0x9e3779b9;
  uint32_t sum = 0;
  for (uint32_t i = 0; i < rounds; ++i) {
    first[i % kWords] += i;
    memcpy(second, first, sizeof first);
    second[(i * 7) % kWords] ^= sum;
    copy_multiple(first, second);
    sum += first[(i * 13) % kWords];
  }
  return sum;
}
