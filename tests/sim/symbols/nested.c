// SPDX-License-Identifier: BSD-3-Clause
//
// Three nested calls that stop in a leaf, then in a function that has called others, then in a jump to null.
// The #line directives fix the lines that tests/sim/symbols_test.cpp expects.

#define STOP(n) __asm__ volatile("bkpt #" #n ::: "memory")
#define OUT_OF_LINE __attribute__((noinline, noclone))

typedef void (*Nowhere)(void);
volatile int sink;
volatile Nowhere nowhere;

#line 100
OUT_OF_LINE int leaf(int value) {
  STOP(1);
  return value + sink;
}

#line 200
OUT_OF_LINE int middle(int value) {
  volatile int local[8];
  local[value & 7] = leaf(value * 2) + 3;
  STOP(2);
  return local[value & 7] + sink;
}

#line 300
OUT_OF_LINE int outer(int first, int second, int third) {
  int sum = middle(first) + sink;
  sum += second * third;
  nowhere();
  return sum + middle(sum);
}

#line 400
OUT_OF_LINE int run(void) {
  sink = 1;
  return outer(2, 3, 4) + sink;
}

#line 500
void _start(void) {
  run();
  STOP(0);
  for (;;) {
  }
}

// The exception tables name these; nothing here throws.
void __aeabi_unwind_cpp_pr0(void) {}
void __aeabi_unwind_cpp_pr1(void) {}
void __aeabi_unwind_cpp_pr2(void) {}
