// SPDX-License-Identifier: BSD-3-Clause
//
// Asks for random bytes in the supervisor's memory, from a function that is inlined into main, by a system
// call that is inlined into that.
#include "gotee/gotee.h"

__attribute__((always_inline)) static inline void helper(void) {
  gotee_getrandom((void*)0x90000000, 4);  // what the report must point to
}

int main(void) {
  helper();
  return 0;
}
