// SPDX-License-Identifier: BSD-3-Clause
//
// The smallest applet. Prints "HH:MM:SS PL0 hello from the applet" and exits cleanly.
#include "gotee/gotee.h"

int main(void) {
  gotee_log("PL0 hello from the applet");
  return 0;
}
