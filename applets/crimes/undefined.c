// SPDX-License-Identifier: BSD-3-Clause
//
// Executes an instruction that is undefined for ever (UDF). Ends in an undefined instruction exception.
#include "gotee/gotee.h"

int main(void) {
  gotee_log("PL0 about to execute an undefined instruction");
  __asm__ volatile("udf #0");
  return 0;
}
