// SPDX-License-Identifier: BSD-3-Clause
//
// A guest that prints, yields to the secure side, computes with VFP across that, and exits.
#include "guest.h"

int main(void) {
  print("normal world says hello\n");
  volatile double third = 1.0;
  for (int i = 0; i < 3; ++i) {
    third = third / 3.0;
    print("normal world yields\n");
    monitor_yield();
  }
  print(third * 27.0 > 0.999 && third * 27.0 < 1.001 ? "normal world kept its registers\n"
                                                     : "normal world LOST its registers\n");
  return 0;
}
