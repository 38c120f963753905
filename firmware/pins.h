// SPDX-License-Identifier: BSD-3-Clause
//
// Pins and clocks of the board.
#pragma once
#include "core/base/result.h"
#include "hal/machine.h"

namespace gotee {

/// Clock the console's UART and route its pad; likewise the LEDs', which stay off. Device where the pad
/// multiplexer does not answer, as in an emulator: the pins are then where they always are.
Result<> board_console_pins();
Result<> board_led_pins();
Result<> board_led(hal::Led led, bool on);

}  // namespace gotee
