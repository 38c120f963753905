// SPDX-License-Identifier: BSD-3-Clause
//
// Some 20,000 instructions of every kind that an interruption could damage: flags carried from one
// instruction to the next, IT blocks, exclusives, the stack, VFP in a rounding mode of its own, NEON, Q, GE
// and FPSCR. All of it ends in one hash: cut the run at any instruction, as often as you like, and it prints
// the same line, "preempt hash 0x62c44942".
// Ref: [ARM ARM] DDI 0406C.d, A2.4 (APSR), A2.6 (FPSCR), A3.4 (exclusives).
#include "gotee/gotee.h"

enum { kRounds = 260, kWords = 44 };

// Words 0-7 integers, 8 the exclusive counter, 9 collected flags, 12-15 a NEON vector; at the end 16-27 the
// VFP sums d8-d13 and 28-43 the NEON sums q12-q15, which stay in their registers all the time.
static uint32_t state[kWords] __attribute__((aligned(16)));

__attribute__((naked, noinline)) static void work(uint32_t* words, uint32_t rounds) {
  (void)words, (void)rounds;
  __asm__ volatile(
      "push {r4-r12, lr}\n"
      "vpush {d8-d15}\n"
      "mov r2, #0x00400000\n"  // FPSCR.RMode: round towards plus infinity
      "vmsr fpscr, r2\n"
      "vmov.i32 q4, #0\n"
      "vmov.i32 q5, #0\n"
      "vmov.i32 q6, #0\n"
      "vmov.i32 q12, #0\n"
      "vmov.i32 q13, #0\n"
      "vmov.i32 q14, #0\n"
      "vmov.i32 q15, #0\n"

      "1: ldmia r0, {r2-r9}\n"
      // A carry through four instructions, then both sides of an IT block.
      "adds r2, r2, r6\n"
      "adcs r3, r3, r7\n"
      "adcs r4, r4, r8\n"
      "sbcs r5, r5, r9\n"
      "mrs r10, apsr\n"
      "mov lr, #0\n"
      "movt lr, #0xf80f\n"  // NZCVQ and GE: at PL0 the rest of CPSR reads as the supervisor pleases
      "and r10, r10, lr\n"
      "itete cs\n"
      "eorcs r2, r2, #0x5a\n"
      "addcc r3, r3, #0x33\n"
      "rorcs r4, r4, #7\n"
      "subcc r5, r5, #0x11\n"
      // Q, which stays once set, and the GE bits, which SEL consumes.
      "qadd r6, r6, r2\n"
      "uadd8 r7, r7, r3\n"
      "sel r8, r8, r4\n"
      "umull r9, r11, r9, r5\n"
      "eor r9, r9, r11\n"
      "mrs r12, apsr\n"
      "and r12, r12, lr\n"
      "eor r10, r10, r12, ror #3\n"

      // An exclusive addition. Given up after four failures, so that not even an interruption at every
      // instruction holds it for ever.
      "mov r11, #4\n"
      "2: ldrex r12, [r0, #32]\n"
      "add r12, r12, r2\n"
      "strex lr, r12, [r0, #32]\n"
      "teq lr, #0\n"
      "beq 3f\n"
      "sub r11, r11, #1\n"
      "teq r11, #0\n"
      "bne 2b\n"
      "str r12, [r0, #32]\n"
      "3: eor r6, r6, r12\n"

      // Doubles, rounded upwards; a comparison whose flags travel from FPSCR to an IT block.
      "vmov s0, r2\n"
      "vmov s1, r3\n"
      "vcvt.f64.u32 d1, s0\n"
      "vcvt.f64.u32 d2, s1\n"
      "vadd.f64 d3, d1, d2\n"
      "vmul.f64 d4, d1, d2\n"
      "vdiv.f64 d5, d1, d3\n"
      "vsqrt.f64 d6, d4\n"
      "vfma.f64 d6, d5, d2\n"
      "vmul.f64 d7, d5, d2\n"
      "vadd.f64 d8, d8, d5\n"
      "vadd.f64 d9, d9, d6\n"
      "vsub.f64 d10, d10, d7\n"
      "vadd.f64 d11, d11, d3\n"
      "vadd.f64 d12, d12, d4\n"
      "vmul.f64 d13, d5, d10\n"
      "vcmp.f64 d1, d2\n"
      "vmrs r11, fpscr\n"
      "vmrs APSR_nzcv, fpscr\n"
      "ite gt\n"
      "addgt r4, r4, #0x77\n"
      "eorle r5, r5, #0x99\n"
      "eor r10, r10, r11, ror #5\n"
      "vcvt.u32.f64 s0, d7\n"
      "vmov r12, s0\n"
      "eor r7, r7, r12\n"

      // Integer and single precision vectors.
      "add r12, r0, #48\n"
      "vld1.32 {q8}, [r12]\n"
      "vdup.32 q9, r4\n"
      "vmla.i32 q8, q9, q9\n"
      "vrev64.8 q10, q8\n"
      "vadd.i32 q8, q8, q10\n"
      "vcvt.f32.u32 q11, q8\n"
      "vmul.f32 q11, q11, q11\n"
      "veor q12, q12, q11\n"
      "vadd.i64 q13, q13, q8\n"
      "vqadd.s16 q14, q14, q10\n"
      "vext.8 q15, q15, q8, #3\n"
      "vst1.32 {q8}, [r12]\n"
      "vmov r11, r12, d17\n"
      "eor r8, r8, r11\n"
      "add r9, r9, r12\n"

      // Out to the stack in one order, back in another.
      "push {r2-r9}\n"
      "ldr r11, [r0, #36]\n"
      "add r10, r10, r11, ror #27\n"
      "pop {r3-r9, r11}\n"
      "mov r2, r11\n"
      "str r10, [r0, #36]\n"
      "stmia r0, {r2-r9}\n"
      "subs r1, r1, #1\n"
      "bne 1b\n"

      "vmrs r2, fpscr\n"
      "str r2, [r0, #40]\n"
      "mov r2, #0\n"
      "vmsr fpscr, r2\n"
      "add r0, r0, #64\n"
      "vstmia r0!, {d8-d13}\n"
      "vstmia r0!, {d24-d31}\n"
      "vpop {d8-d15}\n"
      "pop {r4-r12, pc}\n");
}

static void print(const char* text) {
  while (*text != '\0') gotee_write((uint8_t)*text++);
}

int main(void) {
  for (uint32_t i = 0; i < 16; ++i) state[i] = (i + 1) * 2654435761u;
  work(state, kRounds);
  uint32_t hash = 2166136261u;
  for (int i = 0; i < kWords; ++i) hash = (hash ^ state[i]) * 16777619u;
  print("preempt hash 0x");
  for (int shift = 28; shift >= 0; shift -= 4) gotee_write((uint8_t) "0123456789abcdef"[hash >> shift & 15]);
  print("\n");
  return 0;
}
