// SPDX-License-Identifier: BSD-3-Clause
//
// Never ends and never asks for anything. Stopped only by a budget of instructions or time.
#include "gotee/gotee.h"

int main(void) {
  gotee_log("PL0 about to loop for ever");
  for (;;) __asm__ volatile("");
}
