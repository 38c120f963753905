// SPDX-License-Identifier: BSD-3-Clause
//
// Thumb code in awkward places: 32-bit instructions, conditional ones among them, that begin in the last
// halfword of one page and end in the next, and IT blocks cut by the end of a page. Prints "thumb checksum
// 0xe65f4e1a"; returns 1 if a result is not what C makes of the same inputs.
// Ref: [ARM ARM] DDI 0406C.d, A6.3 (32-bit Thumb instructions).
#include <stdio.h>

#include "gotee/gotee.h"

// r0 = a, r1 = b, r2 = cell. Each .org puts the instruction behind it where a page ends.
uint32_t straddle(uint32_t a, uint32_t b, volatile uint32_t* cell);
__asm__(
    ".section .text.straddle, \"ax\", %progbits\n"
    ".syntax unified\n"
    ".thumb\n"
    ".p2align 12\n"
    ".type straddle, %function\n"
    ".thumb_func\n"
    "straddle:\n"
    "  mov r12, lr\n"
    "  b.w 1f\n"
    ".org straddle + 0x0ffe\n"
    "1: add.w r0, r0, r1, lsl #3\n"  // across the end of page 0
    "  b.w 1f\n"
    ".org straddle + 0x1ffe\n"
    "1: movw r3, #0xbeef\n"  // across the end of page 1
    "  add r0, r0, r3\n"
    "  b.w 1f\n"
    ".org straddle + 0x2ffa\n"
    "1: lsls r3, r0, #31\n"
    "  it eq\n"
    "  addeq.w r0, r0, #0x10000\n"  // in an IT block, across the end of page 2
    "  b.w 1f\n"
    ".org straddle + 0x3ffc\n"
    "1: lsls r3, r0, #30\n"
    "  ittee mi\n"  // last halfword of page 3, its block in page 4
    "  addmi.w r0, r0, r1, ror #7\n"
    "  eormi.w r1, r1, r0, lsl #5\n"
    "  subpl.w r0, r0, #77\n"
    "  eorpl.w r1, r1, #0x00ff00ff\n"
    "  b.w 1f\n"
    ".org straddle + 0x4ffe\n"
    "1: bl 2f\n"  // across the end of page 4
    "  b.w 1f\n"
    "2: ubfx r3, r0, #5, #9\n"
    "  mla r0, r3, r1, r0\n"
    "  bx lr\n"
    ".org straddle + 0x5ffe\n"
    "1: str.w r0, [r2]\n"  // across the end of page 5
    "  b.w 1f\n"
    ".org straddle + 0x6ffe\n"
    "1: umull r0, r3, r0, r1\n"  // across the end of page 6
    "  eors r0, r3\n"
    "  bx r12\n"
    ".size straddle, . - straddle\n"
    ".text\n");

static uint32_t reference(uint32_t a, uint32_t b, uint32_t* cell) {
  a += b << 3;
  a += 0xbeef;
  if ((a & 1) == 0) a += 0x10000;
  if ((a & 2) != 0) {
    a += b >> 7 | b << 25;
    b ^= a << 5;
  } else {
    a -= 77;
    b ^= 0x00ff00ff;
  }
  a += (a >> 5 & 0x1ff) * b;
  *cell = a;
  const uint64_t product = (uint64_t)a * b;
  return (uint32_t)product ^ (uint32_t)(product >> 32);
}

static uint32_t next(uint32_t* seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 17;
  return *seed ^= *seed << 5;
}

int main(void) {
  uint32_t seed = 1, hash = 2166136261u;
  for (int i = 0; i < 1000; ++i) {
    const uint32_t a = next(&seed), b = next(&seed);
    volatile uint32_t cell = 0;
    uint32_t expected_cell;
    const uint32_t result = straddle(a, b, &cell);
    if (result != reference(a, b, &expected_cell) || cell != expected_cell) return 1;
    hash = (hash ^ result) * 16777619u;
    hash = (hash ^ cell) * 16777619u;
  }
  printf("thumb checksum 0x%08lx\n", (unsigned long)hash);
  return 0;
}
