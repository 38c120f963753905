// SPDX-License-Identifier: BSD-3-Clause
//
// What differs between boards. One of firmware/boards/ is linked, chosen by GOTEE_BOARD.
#pragma once
#include <string_view>

#include "core/base/result.h"
#include "hal/machine.h"

namespace gotee {

struct Board {
  std::string_view name;
  u32 console;        // base address of the console's UART
  u32 console_clock;  // its module clock, Hz
  u32 console_baud;
};

extern const Board kBoard;

/// Route the console's pins and the LEDs' to where the board has them. Before anything is printed.
void board_init();
/// Unsupported where the board has no such LED.
Result<> board_led(hal::Led led, bool on);

}  // namespace gotee
