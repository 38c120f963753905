// SPDX-License-Identifier: BSD-3-Clause
//
// A stack machine that counts Collatz steps: loads, stores and an indirect jump for each byte code.
#include "kernel.h"

enum Code { kPush, kLoad, kStore, kAdd, kMultiply, kHalve, kOdd, kSame, kJumpIf, kJump, kStop };

// Variables: 0 the number, 1 the steps.
static const uint8_t kProgram[] = {
    kLoad, 0, kPush,  1,       kSame,     kJumpIf, 38,  //  0: while the number is not 1
    kLoad, 1, kPush,  1,       kAdd,      kStore,  1,   //  7:   ++steps
    kLoad, 0, kOdd,   kJumpIf, 26,                      // 14:   if it is even
    kLoad, 0, kHalve, kStore,  0,         kJump,   0,   // 19:     halve it
    kLoad, 0, kPush,  3,       kMultiply,               // 26:   else
    kPush, 1, kAdd,   kStore,  0,         kJump,   0,   // 31:     three times it, plus one
    kStop,                                              // 38
};

static uint32_t interpret(const uint8_t* program, uint32_t variables[2]) {
  uint32_t stack[8], depth = 0, at = 0;
  for (;;) {
    switch (program[at++]) {
      case kPush: stack[depth++] = program[at++]; break;
      case kLoad: stack[depth++] = variables[program[at++]]; break;
      case kStore: variables[program[at++]] = stack[--depth]; break;
      case kAdd: --depth, stack[depth - 1] += stack[depth]; break;
      case kMultiply: --depth, stack[depth - 1] *= stack[depth]; break;
      case kHalve: stack[depth - 1] >>= 1; break;
      case kOdd: stack[depth - 1] &= 1; break;
      case kSame: --depth, stack[depth - 1] = stack[depth - 1] == stack[depth]; break;
      case kJumpIf: at = stack[--depth] != 0 ? program[at] : at + 1; break;
      case kJump: at = program[at]; break;
      default: return variables[1];
    }
  }
}

uint32_t kernel_run(uint32_t rounds) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < rounds; ++i) {
    uint32_t variables[2] = {i % 1000 + 1, 0};
    sum = sum * 31 + interpret(kProgram, variables);
  }
  return sum;
}
