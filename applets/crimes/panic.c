// SPDX-License-Identifier: BSD-3-Clause
//
// Fails by its own word: returns 3 from main, which is its exit status.
#include "gotee/gotee.h"

int main(void) {
  gotee_log("PL0 about to return 3 from main");
  return 3;
}
