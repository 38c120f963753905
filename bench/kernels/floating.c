// SPDX-License-Identifier: BSD-3-Clause
//
// Double precision: how long points stay near the origin under z -> z^2 + c.
#include "kernel.h"

enum { kSide = 24, kLimit = 64 };

static uint32_t escape(double cx, double cy) {
  double x = 0, y = 0;
  uint32_t n = 0;
  for (; n < kLimit; ++n) {
    const double xx = x * x, yy = y * y;
    if (xx + yy > 4.0) break;
    y = 2.0 * x * y + cy;
    x = xx - yy + cx;
  }
  return n;
}

uint32_t kernel_run(uint32_t rounds) {
  uint32_t sum = 0;
  for (uint32_t r = 0; r < rounds; ++r) {
    const double shift = (double)(r % 16) / 1024.0;
    for (int row = 0; row < kSide; ++row) {
      for (int column = 0; column < kSide; ++column) {
        sum = sum * 33 + escape(-2.0 + 2.5 * column / kSide + shift, -1.25 + 2.5 * row / kSide);
      }
    }
  }
  return sum;
}
