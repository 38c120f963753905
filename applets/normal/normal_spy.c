// SPDX-License-Identifier: BSD-3-Clause
//
// A guest that reads memory of the supervisor. Where the machine has a TZASC it ends in an external abort;
// where it has none the guest says what it read.
#include "guest.h"

static volatile uintptr_t secret = 0x90010000;

__attribute__((noipa)) static uint32_t read_secret(void) { return *(volatile uint32_t*)secret; }

int main(void) {
  print("normal world about to read secure memory at 0x90010000\n");
  const uint32_t value = read_secret();
  print("normal world read 0x");
  print_hex(value);
  print(": not protected by this machine\n");
  return 0;
}
