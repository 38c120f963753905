// SPDX-License-Identifier: BSD-3-Clause
//
// Sleeps for one hour. Prints "HH:MM:SS asleep" and, an hour of the supervisor's clock later, "HH:MM:SS
// awake"; returns 1 if it was woken before its time.
#include "gotee/gotee.h"

int main(void) {
  const uint64_t deadline = gotee_nanotime() + 3600 * UINT64_C(1000000000);
  gotee_log("asleep");
  if (gotee_sleep_until(deadline) != GOTEE_OK || gotee_nanotime() < deadline) return 1;
  gotee_log("awake");
  return 0;
}
