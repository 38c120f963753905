// SPDX-License-Identifier: BSD-3-Clause
//
// The work of both applets: count as fast as the processor allows, and say so five times.
#ifndef COMPETE_H
#define COMPETE_H

#include "gotee/gotee.h"

static inline int compete(const char* name) {
  enum { kRounds = 5, kWorkInRound = 1000000 };
  volatile unsigned work = 0;
  for (unsigned round = 1; round <= kRounds; ++round) {
    while (work < round * kWorkInRound) work = work + 1;
    gotee_log("PL0 %s counted to %u", name, work);
  }
  return 0;
}

#endif
