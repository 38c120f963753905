// SPDX-License-Identifier: BSD-3-Clause
//
// What differs between boards. One of firmware/boards/ is linked, chosen by GOTEE_BOARD.
#pragma once
#include <string_view>

#include "core/base/types.h"
#include "hal/imx6ul/drivers/ccm.h"
#include "hal/imx6ul/drivers/csu_policy.h"

namespace gotee {

/// A pad, and what it is to be. Offsets from IOMUXC's base.
struct Pad {
  u32 mux = 0;      // of IOMUXC_SW_MUX_CTL_PAD_*
  u32 mode = 0;     // ALT0 to ALT8
  u32 control = 0;  // of IOMUXC_SW_PAD_CTL_PAD_*
  u32 value = 0;    // electrical behaviour
};

/// An LED that a low level switches on.
struct LedPin {
  Pad pad;
  u32 gpio = 0;  // base address of its GPIO block
  u32 pin = 0;
};

struct Board {
  std::string_view name;
  u32 console = 0;                   // base address of the console's UART
  imx6ul::ClockGate console_gate{};  // of that UART
  u32 console_clock = 0;             // UART_CLK_ROOT as the boot ROM leaves it, Hz
  u32 console_baud = 0;
  imx6ul::Slave console_slave{};  // of the CSU
  Pad console_transmit;
  LedPin white, blue;
};

extern const Board kBoard;

}  // namespace gotee
