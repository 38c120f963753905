// SPDX-License-Identifier: BSD-3-Clause
//
// Kernels as applets.
#include "gotee/gotee.h"
#include "kernel.h"

void bench_put(char c) { gotee_write((uint8_t)c); }
