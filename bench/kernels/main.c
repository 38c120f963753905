// SPDX-License-Identifier: BSD-3-Clause
//
// Runs the kernel it is linked with and prints "checksum <8 hex digits>": the work was done, and was the
// same.
#include "kernel.h"

static void put_text(const char* text) {
  while (*text != '\0') bench_put(*text++);
}

int main(void) {
  const uint32_t sum = kernel_run(GOTEE_BENCH_ROUNDS);
  put_text("checksum ");
  for (int shift = 28; shift >= 0; shift -= 4) bench_put("0123456789abcdef"[sum >> shift & 15]);
  bench_put('\n');
  return 0;
}
