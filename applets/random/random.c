// SPDX-License-Identifier: BSD-3-Clause
//
// Random bytes from the supervisor. Prints two draws of 16 bytes in hex; returns 1 if they are equal.
#include <stdio.h>
#include <string.h>

#include "gotee/gotee.h"

static void draw(uint8_t bytes[16]) {
  char text[33];
  gotee_getrandom(bytes, 16);
  for (int i = 0; i < 16; ++i) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  gotee_log("PL0 got %s", text);
}

int main(void) {
  uint8_t first[16], second[16];
  draw(first);
  draw(second);
  return memcmp(first, second, sizeof first) == 0;
}
