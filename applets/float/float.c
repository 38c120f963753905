// SPDX-License-Identifier: BSD-3-Clause
//
// Floating point that must survive preemption: sums long enough to be interrupted, of terms so
// chosen that not one rounding occurs. Prints "PL0 vfp sum exact" and "PL0 neon sums exact".
#include <arm_neon.h>

#include "gotee/gotee.h"

enum { kTerms = 1 << 20 };

// 0.5 + 1.0 + 1.5 + ...: a multiple of one half below 2^53.
static int vfp_exact(void) {
  double sum = 0;
  for (int i = 1; i <= kTerms; ++i) sum += i * 0.5;
  return sum == kTerms * (kTerms + 1.0) / 4;
}

// Four lanes, each a multiple of its step with at most 21 significant bits.
static int neon_exact(void) {
  static const float kSteps[4] = {1.0f, 0.5f, 0.25f, 0.125f};
  const float32x4_t steps = vld1q_f32(kSteps);
  float32x4_t sums = vdupq_n_f32(0);
  for (int i = 0; i < kTerms; ++i) sums = vaddq_f32(sums, steps);
  float lanes[4];
  vst1q_f32(lanes, sums);
  for (int i = 0; i < 4; ++i) {
    if (lanes[i] != kTerms * kSteps[i]) return 0;
  }
  return 1;
}

int main(void) {
  const int vfp = vfp_exact(), neon = neon_exact();
  gotee_log("PL0 vfp sum %s", vfp ? "exact" : "WRONG");
  gotee_log("PL0 neon sums %s", neon ? "exact" : "WRONG");
  return !(vfp && neon);
}
