// SPDX-License-Identifier: BSD-3-Clause
//
// One of two applets that never sleep nor yield: run with compete_b, the lines "PL0 A counted to N" and
// "PL0 B counted to N" come out interleaved, because the supervisor takes the processor away from each.
#include "compete.h"

int main(void) { return compete("A"); }
