// SPDX-License-Identifier: BSD-3-Clause
//
// What a guest of the Normal world may ask of the monitor, by SMC: the calls of GoTEE's main OS, and yield.
#pragma once
#include <stdint.h>

enum { MONITOR_EXIT = 0, MONITOR_WRITE = 1, MONITOR_YIELD = 16 };

static inline void monitor_write(char c) {
  register uint32_t r0 __asm__("r0") = MONITOR_WRITE;
  register uint32_t r1 __asm__("r1") = (uint8_t)c;
  __asm__ volatile("smc #0" : : "r"(r0), "r"(r1));
}

static inline void monitor_yield(void) {
  register uint32_t r0 __asm__("r0") = MONITOR_YIELD;
  __asm__ volatile("smc #0" : "+r"(r0));
}

__attribute__((noreturn)) static inline void monitor_exit(void) {
  register uint32_t r0 __asm__("r0") = MONITOR_EXIT;
  __asm__ volatile("smc #0" : : "r"(r0));
  __builtin_unreachable();
}

static inline void print(const char* text) {
  while (*text != 0) monitor_write(*text++);
}

static inline void print_hex(uint32_t value) {
  for (int shift = 28; shift >= 0; shift -= 4) monitor_write("0123456789abcdef"[value >> shift & 15]);
}
