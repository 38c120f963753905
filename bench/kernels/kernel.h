// SPDX-License-Identifier: BSD-3-Clause
//
// What a kernel is, and what it is run on: an applet, a Linux program, or the bare machine.
#ifndef GOTEE_BENCH_KERNEL_H
#define GOTEE_BENCH_KERNEL_H

#include <stdint.h>

/// Does the same work `rounds` times. The result depends on every round, so that nothing can be left out.
uint32_t kernel_run(uint32_t rounds);

/// Print one character; each machine has its own.
void bench_put(char c);

#endif
