// SPDX-License-Identifier: BSD-3-Clause
//
// Stacks switched by the applet itself, as Go does with its goroutines: eight of them add up doubles and give
// way after every term, so that sp, the callee-saved registers and d8-d15 change hands 8000 times unseen by
// the supervisor. Coroutine i adds i * 1 + i * 2 + ... + i * 1000. Prints "coroutines 18018000", 500500 times
// 1 + ... + 8; returns 1 if the sum is another.
#include <stdio.h>

#include "gotee/gotee.h"

enum { kCoroutines = 8, kTerms = 1000, kStackWords = 1024, kFrameWords = 26 };

static uint64_t stacks[kCoroutines][kStackWords / 2];
static uint32_t* suspended[kCoroutines + 1];  // stack pointers; the last is main's
static double sums[kCoroutines];
static unsigned current, finished;

// Leave the running context's registers on its stack and its stack pointer in *from, and continue `to`.
__attribute__((naked, noinline)) static void switch_stack(uint32_t** from, uint32_t* to) {
  (void)from, (void)to;
  __asm__ volatile(
      "push {r3-r11, lr}\n\t"
      "vpush {d8-d15}\n\t"
      "str sp, [r0]\n\t"
      "mov sp, r1\n\t"
      "vpop {d8-d15}\n\t"
      "pop {r3-r11, pc}");
}

static void give_way(unsigned to) {
  const unsigned from = current;
  current = to;
  switch_stack(&suspended[from], suspended[to]);
}

static void coroutine(void) {
  const unsigned self = current;
  double sum = 0;
  double term = 0;
  for (int i = 0; i < kTerms; ++i) {
    term += self + 1;
    give_way(kCoroutines);
    sum += term;
  }
  sums[self] = sum;
  ++finished;
  for (;;) give_way(kCoroutines);
}

int main(void) {
  for (unsigned i = 0; i < kCoroutines; ++i) {
    uint32_t* const frame = (uint32_t*)(stacks[i] + kStackWords / 2) - kFrameWords;
    frame[kFrameWords - 1] = (uint32_t)&coroutine;  // popped into pc
    suspended[i] = frame;
  }
  current = kCoroutines;
  while (finished < kCoroutines) {
    for (unsigned i = 0; i < kCoroutines; ++i) give_way(i);
  }
  double total = 0;
  for (int i = 0; i < kCoroutines; ++i) total += sums[i];
  printf("coroutines %.0f\n", total);
  return total != 18018000.0;
}
