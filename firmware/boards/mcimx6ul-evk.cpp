// SPDX-License-Identifier: BSD-3-Clause
//
// QEMU's mcimx6ul-evk.
// Ref: [IMX6ULRM] Table 2-2 (AIPS-1).
#include "firmware/board.h"

namespace gotee {

const Board kBoard{"mcimx6ul-evk", 0x02020000 /* UART1 */, 80'000'000, 115'200};

void board_init() {}
Result<> board_led(hal::Led /*led*/, bool /*on*/) { return Error::Unsupported; }

}  // namespace gotee
