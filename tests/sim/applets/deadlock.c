// SPDX-License-Identifier: BSD-3-Clause
//
// Waits for ever for a notification that nobody sends. Prints "waiting" and never anything else.
#include <stdio.h>

#include "gotee/gotee.h"

int main(void) {
  uint32_t taken;
  puts("waiting");
  gotee_wait(1, GOTEE_FOREVER, &taken);
  puts("woken by nobody");
  return 1;
}
