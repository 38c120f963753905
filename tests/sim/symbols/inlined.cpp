// SPDX-License-Identifier: BSD-3-Clause
//
// A function of a header inlined into one that is inlined into another, and names that need demangling. The
// #line directives fix the lines that tests/sim/symbols_test.cpp expects.

namespace vault {

volatile int sink;

struct Door {
  int open(int key);
};

#line 90 "spring.h"
[[gnu::always_inline]] inline int spring(int key) {
  __asm__ volatile("bkpt #1" ::: "memory");
  return key + sink;
}

#line 100 "inlined.cpp"
[[gnu::always_inline]] inline int check(int key) {
  sink = key;
  return spring(key) + sink;
}

#line 200
[[gnu::noinline]] int Door::open(int key) {
  sink = key;
  const int result = check(key + 1);
  return result * sink;
}

}  // namespace vault

#line 300
extern "C" void _start() {
  vault::Door door;
  vault::sink = door.open(7);
  for (;;) {
  }
}
