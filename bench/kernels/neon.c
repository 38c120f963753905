// SPDX-License-Identifier: BSD-3-Clause
//
// Advanced SIMD: sums, multiplications and maxima over vectors of integers.
#include <arm_neon.h>

#include "kernel.h"

enum { kLanes = 4, kVectors = 256 };

static int32_t left[kVectors * kLanes], right[kVectors * kLanes];

uint32_t kernel_run(uint32_t rounds) {
  for (int32_t i = 0; i < kVectors * kLanes; ++i) {
    left[i] = i * 1654435;
    right[i] = 40503 - i * 12;
  }
  int32x4_t sum = vdupq_n_s32(0);
  for (uint32_t r = 0; r < rounds; ++r) {
    const int32x4_t step = vdupq_n_s32((int32_t)r);
    for (int i = 0; i < kVectors * kLanes; i += kLanes) {
      const int32x4_t a = vaddq_s32(vld1q_s32(left + i), step);
      const int32x4_t b = vld1q_s32(right + i);
      sum = vmlaq_s32(sum, a, b);
      sum = veorq_s32(sum, vmaxq_s32(a, b));
    }
  }
  uint32_t lanes[kLanes];
  vst1q_u32(lanes, vreinterpretq_u32_s32(sum));
  return lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3];
}
