// SPDX-License-Identifier: BSD-3-Clause
//
// Two counters, one privilege apart. The supervisor counts five seconds aloud ("PL1 says N missisipi") while
// the applet does the same ("PL0 says N missisipi"), then the applet reads memory of the supervisor and is
// stopped for it: a data abort in read_secret, on address 0x90010000.
#include "gotee/gotee.h"

enum { kSeconds = 5 };
static const uint64_t kSecond = 1000000000;

static volatile uintptr_t secret = 0x90010000;  // volatile: the compiler must not reason about this address

__attribute__((noipa)) static uint32_t read_secret(void) { return *(volatile uint32_t*)secret; }

int main(void) {
  gotee_log("PL0 hello from the applet");
  gotee_log("PL0 will sleep for %d seconds", kSeconds);
  if (gotee_count(kSeconds) != GOTEE_OK) return 1;
  const uint64_t start = gotee_nanotime();
  for (int i = 1; i <= kSeconds; ++i) {
    gotee_sleep_until(start + (uint64_t)i * kSecond);
    gotee_log("PL0 says %d missisipi", i);
  }
  gotee_log("PL0 about to read PL1 memory at 0x%08x", (unsigned)secret);
  gotee_log("PL0 read 0x%08x, which must not happen", (unsigned)read_secret());
  return 1;
}
