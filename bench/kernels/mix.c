// SPDX-License-Identifier: BSD-3-Clause
//
// Integer mix: shifts, multiplications, additions and a branch that is hard to guess, in registers alone.
#include "kernel.h"

uint32_t kernel_run(uint32_t rounds) {
  uint32_t a = 0x2545f491, b = 0x9e3779b9, c = 0;
  for (uint32_t i = 0; i < rounds; ++i) {
    a ^= a << 13;
    a ^= a >> 17;
    a ^= a << 5;
    b = b * 1664525 + 1013904223;
    if ((a & b & 1) != 0) {
      c += a ^ (b >> 7);
    } else {
      c = (c << 3 | c >> 29) - b;
    }
    const uint64_t product = (uint64_t)a * (c | 1);
    b += (uint32_t)(product >> 32);
  }
  return a ^ b ^ c;
}
