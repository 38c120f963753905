// SPDX-License-Identifier: BSD-3-Clause
//
// Sleeps 146 years, then until an instant that no signed number of nanoseconds reaches. Prints "asleep" and
// "awake", and never "time ended"; returns 1 if time went back.
#include <stdio.h>

#include "gotee/gotee.h"

int main(void) {
  const uint64_t far = UINT64_C(1) << 62;
  puts("asleep");
  if (gotee_sleep_until(far) != GOTEE_OK || gotee_nanotime() < far || (int64_t)gotee_nanotime() < 0) return 1;
  puts("awake");
  gotee_sleep_until(UINT64_MAX - 1);
  puts((int64_t)gotee_nanotime() > (int64_t)far ? "time ended" : "time went back");
  return 1;
}
