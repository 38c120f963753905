// SPDX-License-Identifier: BSD-3-Clause
//
// Recurses until the stack is used up. Ends in a data abort in dive(), a write in the guard under the stack.
#include "gotee/gotee.h"

static unsigned dive(unsigned depth) {
  volatile unsigned char frame[1024];
  frame[0] = (unsigned char)depth;
  return depth == UINT32_MAX ? 0 : dive(depth + 1) + frame[0];
}

int main(void) {
  gotee_log("PL0 about to overflow its stack");
  return (int)dive(0);
}
