// SPDX-License-Identifier: BSD-3-Clause
//
// Multiple loads and stores, with and without write-back, in all their directions: LDM, STM, LDRD, STRD,
// VLDM, VSTM and memcpy over aligned data. Each block is copied by every one of them in turn; prints "ldm
// checksum 0x7de6c22a", the FNV-1a hash of the last copy, and returns 1 if it is not that of the first.
#include <stdio.h>
#include <string.h>

#include "gotee/gotee.h"

enum { kWords = 528, kBytes = 4 * kWords, kRounds = 64 };

static uint32_t blocks[2][kWords] __attribute__((aligned(8)));

// Move `count` units of `size` bytes from `from` to `to` by the instructions given, which advance both.
#define COPY(name, size, instructions, ...)                                            \
  static void name(uint32_t* to, const uint32_t* from) {                               \
    for (int i = 0; i < kBytes / (size); ++i) {                                        \
      __asm__ volatile(instructions : "+r"(to), "+r"(from) : : "memory", __VA_ARGS__); \
    }                                                                                  \
  }

COPY(copy_ia, 32,
     "ldmia %1!, {r4-r10, r12}\n\t"
     "stmia %0!, {r4-r10, r12}",
     "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r12")
COPY(copy_ldrd, 8,
     "ldrd r4, r5, [%1], #8\n\t"
     "strd r4, r5, [%0], #8",
     "r4", "r5")
COPY(copy_vldm, 64,
     "vldmia %1!, {d8-d15}\n\t"
     "vstmia %0!, {d8-d15}",
     "d8", "d9", "d10", "d11", "d12", "d13", "d14", "d15")
COPY(copy_quad, 32,
     "vld1.64 {d16-d19}, [%1]!\n\t"
     "vst1.64 {d16-d19}, [%0]!",
     "d16", "d17", "d18", "d19")
COPY(copy_single, 16,
     "vldmia %1!, {s0-s3}\n\t"
     "vstmia %0!, {s0-s3}",
     "s0", "s1", "s2", "s3")

// From the end down: decrement before with write-back, then the two other directions without.
static void copy_down(uint32_t* to, const uint32_t* from) {
  to += kWords, from += kWords;
  for (int i = 0; i < kWords / 12; ++i) {
    __asm__ volatile(
        "ldmdb %1!, {r4-r7}\n\t"
        "stmdb %0!, {r4-r7}\n\t"
        "sub %1, %1, #4\n\t"
        "sub %0, %0, #4\n\t"
        "ldmda %1, {r4-r7}\n\t"
        "stmda %0, {r4-r7}\n\t"
        "sub %1, %1, #32\n\t"
        "ldmib %1, {r4-r7}\n\t"
        "sub %0, %0, #32\n\t"
        "stmib %0, {r4-r7}\n\t"
        "add %1, %1, #4\n\t"
        "add %0, %0, #4"
        : "+r"(to), "+r"(from)
        :
        : "memory", "r4", "r5", "r6", "r7");
  }
}

static void copy_library(uint32_t* to, const uint32_t* from) { memcpy(to, from, kBytes); }

static uint32_t hash(const void* data, size_t length) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < length; ++i) h = (h ^ ((const uint8_t*)data)[i]) * 16777619u;
  return h;
}

int main(void) {
  static void (*const kCopies[])(uint32_t*, const uint32_t*) = {
      copy_ia, copy_ldrd, copy_vldm, copy_quad, copy_single, copy_down, copy_library};
  enum { kKinds = sizeof kCopies / sizeof kCopies[0] };
  for (uint32_t i = 0; i < kWords; ++i) blocks[0][i] = i * 2654435761u;
  const uint32_t expected = hash(blocks[0], kBytes);
  int now = 0;
  for (int i = 0; i < kRounds * kKinds; ++i, now ^= 1) {
    memset(blocks[now ^ 1], 0xff, kBytes);
    kCopies[i % kKinds](blocks[now ^ 1], blocks[now]);
  }
  const uint32_t found = hash(blocks[now], kBytes);
  printf("ldm checksum 0x%08lx\n", (unsigned long)found);
  return found != expected;
}
